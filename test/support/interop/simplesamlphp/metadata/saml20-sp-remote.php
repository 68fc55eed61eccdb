<?php
// What metarefresh has read of us, and what a test wishes beside it.
$state = getenv('INTEROP_STATE');
if (is_file("$state/read/saml20-sp-remote.php")) {
    include "$state/read/saml20-sp-remote.php";
    $wishes = json_decode(file_get_contents("$state/wishes.json"), true);
    foreach ($metadata as $id => $read) {
        $metadata[$id] = array_merge($read, $wishes);
    }
}
