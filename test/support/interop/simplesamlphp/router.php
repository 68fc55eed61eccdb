<?php
// The built-in web server of PHP does not find scripts whose path goes on behind .php.
$www = $_SERVER['DOCUMENT_ROOT'];
$path = parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);
if (!preg_match('~^(/[\w/-]+\.php)(/.*)?$~', $path, $parts) || !is_file($www . $parts[1])) {
    return false;
}
$_SERVER['SCRIPT_NAME'] = $parts[1];
$_SERVER['SCRIPT_FILENAME'] = $www . $parts[1];
$_SERVER['PHP_SELF'] = $path;
unset($_SERVER['PATH_INFO']);
if (isset($parts[2])) {
    $_SERVER['PATH_INFO'] = $parts[2];
}

// Which cipher encrypts is written into its library; the one that it has beside can be tried only like this.
if (is_file(getenv('INTEROP_STATE') . '/gcm')) {
    $library = dirname($www) . '/vendor/simplesamlphp/saml2/src/SAML2/EncryptedAssertion.php';
    require dirname($www) . '/lib/_autoload.php';
    $code = substr(file_get_contents($library), strlen('<?php'));
    eval(str_replace('new XMLSecurityKey(XMLSecurityKey::AES128_CBC)', 'new XMLSecurityKey(XMLSecurityKey::AES256_GCM)', $code));
}
chdir(dirname($www . $parts[1]));
require $www . $parts[1];
