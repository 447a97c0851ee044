# The tests' own certificate authority, with one certificate for the servers and one for a client. Sourced by the scripts beside it.
#
# The servers' certificate names `localhost` and 127.0.0.1. The client's names the user `aludel_cert`.

# certificates: $run/certificates, copied from the cache, where they are made once.
certificates() {
  locked certificates make_certificates
  mkdir -p "$run/certificates"
  cp "$cache/certificates"/{ca.crt,server.crt,server.key,client.crt,client.key} "$run/certificates/"
  chmod 600 "$run/certificates"/*.key
}

# The servers' certificate for the folder of one server, with a key that only its user reads.
server_certificate() {
  cp "$run/certificates"/{ca.crt,server.crt,server.key} "$1/"
  [ "$(id -u)" != 0 ] || chown "$server_user" "$1/server.key"
  chmod 600 "$1/server.key"
}

make_certificates() {
  local openssl=openssl folder=$cache/certificates new=$cache/certificates-new root
  if ! command -v openssl >/dev/null; then
    root=$(unpack openssl own openssl) || return 1
    own_loader "$root" "$root/usr/bin/openssl"
    openssl=$root/usr/bin/openssl
  fi
  "$openssl" x509 -in "$folder/server.crt" -noout -checkend 86400 >/dev/null 2>&1 && return
  rm -rf "$folder" "$new"
  mkdir -p "$new"
  (
    cd "$new"
    umask 077
    export OPENSSL_CONF=/dev/null
    key() { "$openssl" genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1.key"; }
    config() { printf '[req]\ndistinguished_name=dn\nprompt=no\nx509_extensions=ext\n[dn]\nCN=%s\n[ext]\n%s\n' "$1" "$2"; }
    sign() {
      key "$1"
      config "$2" "$3" >"$1.cnf"
      "$openssl" req -new -config "$1.cnf" -key "$1.key" -out "$1.csr"
      "$openssl" x509 -req -in "$1.csr" -CA ca.crt -CAkey ca.key -CAcreateserial -days 3650 -sha256 \
        -extfile "$1.cnf" -extensions ext -out "$1.crt"
    }
    key ca
    config 'Aludel test authority' $'basicConstraints=critical,CA:true\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash' >ca.cnf
    "$openssl" req -new -x509 -config ca.cnf -key ca.key -days 3650 -sha256 -out ca.crt
    sign server localhost $'basicConstraints=CA:false\nextendedKeyUsage=serverAuth\nsubjectAltName=DNS:localhost,IP:127.0.0.1'
    sign client aludel_cert $'basicConstraints=CA:false\nextendedKeyUsage=clientAuth'
    chmod 644 ./*.crt
  ) >"$new/log" 2>&1 || { cat "$new/log" >&2; say "error: openssl could not make the test certificates"; return 1; }
  mv "$new" "$folder"
}
