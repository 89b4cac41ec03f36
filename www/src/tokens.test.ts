// Contrast (WCAG 2.2, section 1.4.3 and 1.4.11) of every pair of colours that stands on another, in both themes and with more contrast.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

const css = readFileSync(join(import.meta.dirname, "../tokens.css"), "utf8");
const [usual = "", more = ""] = css.split("@media (prefers-contrast: more)");

type Rgb = [number, number, number];
type Theme = 0 | 1;

const hex = (text: string): Rgb => [1, 3, 5].map((at) => Number.parseInt(text.slice(at, at + 2), 16)) as Rgb;
function tokens(text: string, theme: Theme): Map<string, Rgb> {
  const found = [...text.matchAll(/--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)/g)];
  return new Map(found.map(([, name = "", ...pair]) => [name, hex(pair[theme] ?? "")]));
}
const luminance = (rgb: Rgb): number => {
  const [r, g, b] = rgb.map((value) => (value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4)) as Rgb;
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
function contrast(a: Rgb, b: Rgb): number {
  const [light = 0, dark = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (light + 0.05) / (dark + 0.05);
}
function hsl(h: number, s: number, l: number): Rgb {
  const part = (n: number) => {
    const k = (n + h / 30) % 12;
    return Math.round(255 * (l - s * Math.min(l, 1 - l) * Math.max(-1, Math.min(k - 3, 9 - k, 1))));
  };
  return [part(0), part(8), part(4)];
}

const TEXT = ["ink", "quiet", "accent", "caution", "danger"].flatMap((on) => ["paper", "raised"].map((under) => [on, under] as const));
const CONTROLS = [["control", "paper"], ["control", "raised"]] as const;

for (const [theme, name] of [[0, "light"], [1, "dark"]] as const) {
  const base = tokens(usual, theme);
  const strong = new Map([...base, ...tokens(more, theme)]);
  for (const [set, kind, least] of [[base, "", 4.5], [strong, ", more contrast", 7]] as const) {
    for (const [on, under] of [...TEXT, ["on-accent", "accent"] as const, ["paper", "ink"] as const]) {
      test(`${name}${kind}: ${on} on ${under} is at least ${least}:1`, () => {
        const [a, b] = [set.get(on), set.get(under)];
        assert.ok(a && b, "both colours are tokens");
        assert.ok(contrast(a, b) >= least, `${contrast(a, b).toFixed(2)}:1`);
      });
    }
    for (const [on, under] of CONTROLS) {
      test(`${name}${kind}: the edge of a control (${on} on ${under}) is at least 3:1`, () => {
        const [a, b] = [set.get(on), set.get(under)];
        assert.ok(a && b && contrast(a, b) >= 3, a && b && `${contrast(a, b).toFixed(2)}:1`);
      });
    }
  }
}

const sheet = readFileSync(join(import.meta.dirname, "app.css"), "utf8");
const hues = [...sheet.matchAll(/\.hue-\d+ \{ --hue: (\d+); \}/g)].map(([, hue]) => Number(hue));
test("the letters of every monogram have at least 4.5:1 on its colour", () => {
  assert.equal(hues.length, 12);
  const [, ls, ll, ds, dl] = /hsl\(var\(--hue\) (\d+)% (\d+)%\), hsl\(var\(--hue\) (\d+)% (\d+)%\)/.exec(sheet)?.map(Number) ?? [];
  assert.ok(ls && ll && ds && dl);
  for (const hue of hues) {
    const light = contrast(hsl(hue, ls / 100, ll / 100), [255, 255, 255]);
    const dark = contrast(hsl(hue, ds / 100, dl / 100), hex("#16181d"));
    assert.ok(light >= 4.5 && dark >= 4.5, `hue ${hue}: ${light.toFixed(2)}:1 and ${dark.toFixed(2)}:1`);
  }
});
