<?php
// Runs every row of a file of vectors through the PHP verifier; one line of JSON for each row.
declare(strict_types=1);

$root = dirname(__DIR__, 4);
require "$root/worker/verifiers/PortcullisAssertion.php";

$data = json_decode(file_get_contents($argv[1]), true, 32, JSON_THROW_ON_ERROR);
$folder = $argv[2];

foreach ($data['rows'] as $number => $row) {
    $now = 0;
    $served = null;
    $fetches = 0;
    $seen = [];
    $fetch = static function (string $url) use (&$fetches, &$served, $data): string {
        if ($url !== $data['issuer'] . '/.portcullis/jwks.json') {
            throw new Error($url);
        }
        $fetches++;
        return $served === null ? throw new RuntimeException('no answer') : $data['sets'][$served];
    };
    $clock = static function () use (&$now): int {
        return $now;
    };
    foreach ($row['steps'] ?? [$row] as $step) {
        // Each request of PHP begins anew: what is known is in the file.
        $guard = new PortcullisAssertion($data['issuer'], $data['audience'], "$folder/keys-$number.json", null, $fetch, $clock);
        $now = $data['now'] + ($step['after'] ?? 0);
        $served = array_key_exists('keys', $step) ? $step['keys'] : 'current';
        $server = ['REMOTE_USER' => 'of the server'];
        foreach ($step['headers'] as [$name, $value]) {
            $key = 'HTTP_' . strtoupper(strtr($name, '-', '_'));
            $server[$key] = isset($server[$key]) ? "$server[$key], $value" : $value;
        }
        try {
            $user = $guard->guard($server, $row['required'] ?? true);
            if ($user !== ($server['REMOTE_USER'] ?? null)) {
                throw new Error('REMOTE_USER is another');
            }
            $kept = array_filter(array_keys($server), static fn (string $key): bool => str_starts_with($key, 'HTTP_REMOTE_'));
            $kept = array_map(static fn (string $key): string => strtolower(strtr(substr($key, 5), '_', '-')), $kept);
            sort($kept);
            $seen[] = ['user' => $user, 'kept' => $kept];
        } catch (PortcullisRefused $refused) {
            $seen[] = ['refuse' => $refused->getMessage()];
        }
    }
    echo json_encode(['seen' => $seen, 'fetches' => $fetches], JSON_UNESCAPED_UNICODE | JSON_THROW_ON_ERROR), "\n";
}
