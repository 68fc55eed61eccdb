<?php
$person = fn (string $uid, string $name) => [
    'uid' => [$uid],
    'mail' => ["$uid@ssp.example"],
    'displayName' => [$name],
    'isMemberOf' => ['SSP Team', 'Nobody knows'],
];
$config = [
    'people' => [
        'exampleauth:UserPass',
        'erin:erin-pass' => $person('erin', 'Erin & Söhne <ssp>'),
        'fred:fred-pass' => $person('fred', 'Fred'),
    ],
];
