<?php
// Checks the gate's signed assertion (X-Portcullis-Assertion) in a PHP app (8.1 or newer, with its openssl extension).
//
//     require 'PortcullisAssertion.php';
//     $gate = new PortcullisAssertion('https://app.example.org', 'app.example.org', '/var/lib/app/gate-keys.json');
//     $user = $gate->enforce();       // ends the request with 403, or gives the person
//
// One file to copy. The keys are kept in a file, because each request of PHP begins anew: in a folder that the app alone
// can write to, since who can write that file can sign in as anybody.
declare(strict_types=1);

/** Why an assertion is not taken: the message is a code of the verifiers. */
final class PortcullisRefused extends RuntimeException
{
}

final class PortcullisAssertion
{
    private const MAX_LENGTH = 8192;
    private const LEEWAY_SECS = 60;   // clocks differ
    private const RETRY_SECS = 60;    // between two requests for the keys, so that made-up key ids cost nothing
    private const REFRESH_SECS = 300; // a withdrawn key is no longer taken after this
    private const KEEP_SECS = 3600;   // unless the gate cannot be asked, then after this
    private const SPKI = '3059301306072a8648ce3d020106082a8648ce3d03010703420004'; // a P-256 key in DER, before x and y

    /** @var callable(string): string */
    private $fetch;
    /** @var callable(): int */
    private $clock;

    public function __construct(
        private readonly string $issuer,
        private readonly string $audience,
        private readonly string $keysFile,
        private readonly ?string $jwksUrl = null,
        ?callable $fetch = null,
        ?callable $clock = null,
    ) {
        if ($issuer === '' || $audience === '') {
            throw new InvalidArgumentException("the issuer (the site's public address) and the audience (the app's id in the policy) must be given");
        }
        $this->fetch = $fetch ?? self::download(...);
        $this->clock = $clock ?? time(...);
    }

    /** The person, or the end of the request. Without `$required` a request without an assertion has no person (null). */
    public function enforce(bool $required = true): ?string
    {
        try {
            return $this->guard($_SERVER, $required);
        } catch (PortcullisRefused $refused) {
            http_response_code(403);
            header('Content-Type: text/plain; charset=utf-8');
            header('Cache-Control: no-store');
            exit($refused->getMessage() . "\n");
        }
    }

    /**
     * Verifies the assertion of a request and sets REMOTE_USER from it. `Remote-*` headers stay only beside a `Remote-User`
     * that is the same person.
     */
    public function guard(array &$server, bool $required = true): ?string
    {
        unset($server['REMOTE_USER'], $server['REDIRECT_REMOTE_USER']);
        $text = $server['HTTP_X_PORTCULLIS_ASSERTION'] ?? null;
        $user = $text === null && !$required ? null : $this->verify((string) $text)['sub'];
        if ($user === null || rawurldecode($server['HTTP_REMOTE_USER'] ?? '') !== $user) {
            foreach (array_keys($server) as $name) {
                if (str_starts_with((string) $name, 'HTTP_REMOTE_')) {
                    unset($server[$name]);
                }
            }
        }
        if ($user !== null) {
            $server['REMOTE_USER'] = $user;
        }
        return $user;
    }

    /** The claims; `sub` is the person. */
    public function verify(string $text): array
    {
        if ($text === '') {
            throw new PortcullisRefused('ASSERTION_MISSING');
        }
        if (strlen($text) > self::MAX_LENGTH || !preg_match('/\A([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]*)\z/', $text, $parts)) {
            throw new PortcullisRefused('ASSERTION_MALFORMED');
        }
        [, $head, $body, $signature] = $parts;
        $header = self::flat(self::decode($head));
        $payload = self::decode($body);
        $signature = self::decode($signature);
        if (($header['alg'] ?? null) !== 'ES256' || ($header['typ'] ?? null) !== 'JWT' || array_key_exists('crit', $header)) {
            throw new PortcullisRefused('ASSERTION_ALGORITHM');
        }
        $kid = $header['kid'] ?? null;
        $key = is_string($kid) ? $this->key($kid) : null;
        if ($key === null) {
            throw new PortcullisRefused('ASSERTION_KEY');
        }
        if (strlen($signature) !== 64 || openssl_verify("$head.$body", self::der($signature), $key, OPENSSL_ALGO_SHA256) !== 1) {
            throw new PortcullisRefused('ASSERTION_SIGNATURE');
        }
        $claims = self::flat($payload);
        if (($claims['iss'] ?? null) !== $this->issuer) {
            throw new PortcullisRefused('ASSERTION_ISSUER');
        }
        if (($claims['aud'] ?? null) !== $this->audience) {
            throw new PortcullisRefused('ASSERTION_AUDIENCE');
        }
        $now = ($this->clock)();
        $iat = $claims['iat'] ?? null;
        $exp = $claims['exp'] ?? null;
        if (!is_int($iat) || !is_int($exp) || $iat > $now + self::LEEWAY_SECS || $exp <= $now - self::LEEWAY_SECS) {
            throw new PortcullisRefused('ASSERTION_TIME');
        }
        $subject = $claims['sub'] ?? null;
        if (!is_string($subject) || $subject === '' || preg_match('/[\x00-\x1f\x7f]/', $subject)) {
            throw new PortcullisRefused('ASSERTION_SUBJECT');
        }
        return $claims;
    }

    /** Base64url without padding (RFC 7515 section 2), and only as an encoder writes it. */
    private static function decode(string $part): string
    {
        $data = base64_decode(strtr($part, '-_', '+/'), true);
        if ($data === false || rtrim(strtr(base64_encode($data), '+/', '-_'), '=') !== $part) {
            throw new PortcullisRefused('ASSERTION_MALFORMED');
        }
        return $data;
    }

    /**
     * A JSON object of strings, whole numbers, words and lists of strings, in which no name stands twice. `json_decode`
     * alone would let the second of two equal names win.
     */
    private static function flat(string $text): array
    {
        $string = '"(?:[^"\\\\\x00-\x1f]|\\\\(?:["\\\\\/bfnrt]|u[0-9a-fA-F]{4}))*+"';
        $space = '[ \t\r\n]*+';
        $list = "\\[$space(?:$string$space(?:,$space$string$space)*+)?\\]";
        $member = "($string)$space:$space($string|$list|-?(?:0|[1-9][0-9]{0,14})(?![0-9.eE])|true|false|null)";
        $more = "(?:,$space(?1)$space:$space(?2)$space)*+";
        if (!preg_match('/\A' . $space . '\{' . $space . "(?:$member$space$more)?" . '\}' . $space . '\z/u', $text)) {
            throw new PortcullisRefused('ASSERTION_MALFORMED');
        }
        preg_match_all("/$member/u", $text, $found, PREG_SET_ORDER);
        $claims = [];
        foreach ($found as [, $name, $value]) {
            $name = json_decode($name);
            $value = json_decode($value, true);
            if (!is_string($name) || array_key_exists($name, $claims) || json_last_error() !== JSON_ERROR_NONE) {
                throw new PortcullisRefused('ASSERTION_MALFORMED');
            }
            $claims[$name] = $value;
        }
        return $claims;
    }

    /** r and s, 32 bytes each, as the DER that OpenSSL reads. */
    private static function der(string $signature): string
    {
        $integer = static function (string $bytes): string {
            $bytes = ltrim($bytes, "\0");
            $bytes = $bytes === '' || ord($bytes[0]) > 0x7f ? "\0$bytes" : $bytes;
            return "\x02" . chr(strlen($bytes)) . $bytes;
        };
        $both = $integer(substr($signature, 0, 32)) . $integer(substr($signature, 32));
        return "\x30" . chr(strlen($both)) . $both;
    }

    /** The key of this id, asked for at the gate at most once a minute, by one request at a time. */
    private function key(string $kid): ?string
    {
        $lock = fopen($this->keysFile . '.lock', 'c');
        if ($lock === false || !flock($lock, LOCK_EX)) {
            throw new RuntimeException('the file of the keys cannot be locked: is its folder there, and writable by this app alone?');
        }
        try {
            $known = is_file($this->keysFile) ? json_decode((string) file_get_contents($this->keysFile), true) : null;
            $known = is_array($known) ? $known : ['keys' => [], 'fetched' => 0, 'tried' => 0];
            $now = ($this->clock)();
            $stale = $now - $known['fetched'] >= self::REFRESH_SECS;
            if (($stale || !isset($known['keys'][$kid])) && $now - $known['tried'] >= self::RETRY_SECS) {
                $known['tried'] = $now;
                try {
                    $known['keys'] = self::read(($this->fetch)($this->jwksUrl ?? $this->issuer . '/.portcullis/jwks.json'));
                    $known['fetched'] = $now;
                } catch (Throwable) {
                    // Whatever it was, the keys of before stay.
                }
                $new = $this->keysFile . '.new';
                touch($new);
                chmod($new, 0600);
                file_put_contents($new, json_encode($known, JSON_THROW_ON_ERROR));
                rename($new, $this->keysFile);
            }
            return $now - $known['fetched'] >= self::KEEP_SECS ? null : $known['keys'][$kid] ?? null;
        } finally {
            fclose($lock);
        }
    }

    /** @return array<string, string> PEM by key id */
    private static function read(string $jwks): array
    {
        $keys = [];
        foreach (json_decode($jwks, true, 8, JSON_THROW_ON_ERROR)['keys'] as $jwk) {
            if ([$jwk['kty'] ?? '', $jwk['crv'] ?? '', $jwk['use'] ?? 'sig', $jwk['alg'] ?? 'ES256'] !== ['EC', 'P-256', 'sig', 'ES256']) {
                continue;
            }
            if (isset($keys[$jwk['kid']])) {
                throw new UnexpectedValueException('two keys with one id');
            }
            $der = hex2bin(self::SPKI) . self::decode($jwk['x']) . self::decode($jwk['y']);
            $keys[$jwk['kid']] = "-----BEGIN PUBLIC KEY-----\n" . chunk_split(base64_encode($der), 64, "\n") . "-----END PUBLIC KEY-----\n";
        }
        return $keys;
    }

    private static function download(string $url): string
    {
        $context = stream_context_create(['http' => ['timeout' => 5, 'follow_location' => 0]]);
        $text = @file_get_contents($url, false, $context, 0, 65536);
        if ($text === false) {
            throw new RuntimeException('the gate does not answer');
        }
        return $text;
    }
}
