<?php
// The PHP app of the tests, behind gate.php of the guide. It has local accounts, of which "admin" administers.
//   /            the person, and a form that posts a note       /cookies  sets three cookies
//   /admin       for administrators                             /seen     what reached it, as JSON
declare(strict_types=1);

$account = 'cas:' . $_SERVER['REMOTE_USER'];
$roles = ['admin' => 'administrator', 'cas:boss' => 'administrator'];
$base = $_SERVER['HTTP_X_FORWARDED_PROTO'] . '://' . $_SERVER['HTTP_X_FORWARDED_HOST'];
$notes = getenv('NOTES');
$path = parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);

if ($path === '/notes' && $_SERVER['REQUEST_METHOD'] === 'POST') {
    file_put_contents($notes, json_encode([$account, $_POST['note']]) . "\n", FILE_APPEND | LOCK_EX);
    header("Location: $base/#kept", true, 302);
} elseif ($path === '/cookies') {
    setcookie('first', 'a b', ['path' => '/', 'httponly' => true]);
    setcookie('second', '2', ['path' => '/deep', 'samesite' => 'Lax']);
    header('Set-Cookie: third=3; Expires=Wed, 01 Jan 2070 00:00:00 GMT', false);
    echo 'three';
} elseif ($path === '/admin') {
    http_response_code(($roles[$account] ?? '') === 'administrator' ? 200 : 403);
    echo "for administrators, not for $account";
} elseif ($path === '/seen') {
    header('Content-Type: application/json');
    echo json_encode(['user' => $_SERVER['REMOTE_USER'], 'server' => $_SERVER]);
} elseif ($path === '/') {
    $lines = is_file($notes) ? file($notes) : [];
    $mine = array_filter(array_map(static fn (string $line): array => json_decode($line, true), $lines), static fn (array $note): bool => $note[0] === $account);
    $items = implode('', array_map(static fn (array $note): string => '<li>' . htmlspecialchars($note[1]) . '</li>', $mine));
    header('Content-Type: text/html; charset=utf-8');
    echo '<!doctype html><title>Notes</title><h1>Notes</h1><p id="user">' . htmlspecialchars($_SERVER['REMOTE_USER']) . '</p>'
        . '<form method="post" action="/notes"><input name="note"><button>Keep</button></form><ul>' . $items . '</ul>';
} else {
    http_response_code(404);
}
