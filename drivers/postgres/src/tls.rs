//! Secure connections with the meanings that libpq gives to `sslmode` (manual, 34.19).

use std::path::{Path, PathBuf};
use std::sync::Arc;

use aludel_engine::driver::{DriverError, ErrorKind};
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, WebPkiSupportedAlgorithms, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};

use crate::target::{SslMode, Target, home, too_open};

fn failed(message: impl Into<String>) -> DriverError {
    DriverError::new(ErrorKind::Tls, message)
}

/// What the connection is made with.
///
/// # Errors
/// When a certificate or key cannot be read.
pub fn config(target: &Target, environment: &dyn Fn(&str) -> Option<String>) -> Result<ClientConfig, DriverError> {
    let provider = Arc::new(ring::default_provider());
    let verifier = verifier(target, &provider, environment)?;
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| failed(format!("TLS cannot be set up: {error}")))?
        .dangerous()
        .with_custom_certificate_verifier(verifier);
    let mut config = match client_certificate(target, environment)? {
        Some((chain, key)) => builder
            .with_client_auth_cert(chain, key)
            .map_err(|error| failed(format!("the client certificate cannot be used: {error}")))?,
        None => builder.with_no_client_auth(),
    };
    if target.direct_tls {
        // Without the name of the protocol a server refuses TLS that starts at once (manual, 53.2.10).
        config.alpn_protocols = vec![b"postgresql".to_vec()];
    }
    Ok(config)
}

fn verifier(
    target: &Target,
    provider: &Arc<CryptoProvider>,
    environment: &dyn Fn(&str) -> Option<String>,
) -> Result<Arc<dyn ServerCertVerifier>, DriverError> {
    let algorithms = provider.signature_verification_algorithms;
    // As in libpq, `require` with a root certificate is `verify-ca`.
    let check = match (target.ssl_mode, &target.root_certificate) {
        (SslMode::VerifyFull, _) => Check::Name,
        (SslMode::VerifyCa, _) | (SslMode::Require, Some(_)) => Check::Chain,
        _ => return Ok(Arc::new(Anything(algorithms))),
    };
    let roots = roots(target, environment)?;
    let mut store = RootCertStore::empty();
    let (added, _) = store.add_parsable_certificates(roots.iter().cloned());
    if added == 0 {
        return Err(failed("no root certificate could be read").hint("check `sslrootcert`: it names a PEM file"));
    }
    let inner = WebPkiServerVerifier::builder_with_provider(Arc::new(store), Arc::clone(provider))
        .build()
        .map_err(|error| failed(format!("the root certificates cannot be used: {error}")))?;
    Ok(Arc::new(Checked { inner, roots, check }))
}

fn roots(
    target: &Target,
    environment: &dyn Fn(&str) -> Option<String>,
) -> Result<Vec<CertificateDer<'static>>, DriverError> {
    match target.root_certificate.as_deref() {
        Some("system") => {
            let found = rustls_native_certs::load_native_certs();
            match found.certs.is_empty() {
                true => Err(failed("the system has no root certificates")
                    .hint("install them (the package `ca-certificates`), or name a file with `sslrootcert`")),
                false => Ok(found.certs),
            }
        }
        Some(path) => certificates(Path::new(path), "root certificate"),
        None => {
            let default = home(environment).map(|home| home.join(".postgresql").join("root.crt"));
            match default.filter(|path| path.exists()) {
                Some(path) => certificates(&path, "root certificate"),
                None => Err(failed("there is no root certificate to check the server's certificate with").hint(
                    "name the file with `sslrootcert`, trust the system's with `sslrootcert=system`, or put it at ~/.postgresql/root.crt",
                )),
            }
        }
    }
}

fn certificates(path: &Path, what: &str) -> Result<Vec<CertificateDer<'static>>, DriverError> {
    let wrong = |error: &dyn std::fmt::Display| {
        failed(format!("the {what} {} cannot be read: {error}", path.display())).hint("it has to be a PEM file")
    };
    let found: Vec<_> = CertificateDer::pem_file_iter(path)
        .and_then(|certificates| certificates.collect())
        .map_err(|error| wrong(&error))?;
    match found.is_empty() {
        true => Err(wrong(&"no certificate is in it")),
        false => Ok(found),
    }
}

type Identity = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

/// The certificate the client shows, if it has one.
fn client_certificate(
    target: &Target,
    environment: &dyn Fn(&str) -> Option<String>,
) -> Result<Option<Identity>, DriverError> {
    let default = |name: &str| home(environment).map(|home| home.join(".postgresql").join(name)).filter(|p| p.exists());
    let Some(certificate) = target.certificate.clone().or_else(|| default("postgresql.crt")) else {
        return match &target.key {
            Some(_) => Err(failed("`sslkey` is given without `sslcert`").hint("a key goes with its certificate")),
            None => Ok(None),
        };
    };
    let key: Option<PathBuf> = target.key.clone().or_else(|| default("postgresql.key"));
    let Some(key) = key else {
        return Err(failed(format!("the certificate {} has no key", certificate.display()))
            .hint("name the file of its private key with `sslkey`"));
    };
    let chain = certificates(&certificate, "client certificate")?;
    if let Some(why) = too_open(&key) {
        return Err(failed(format!("the private key {} is not used", key.display())).hint(why));
    }
    let key = PrivateKeyDer::from_pem_file(&key).map_err(|error| {
        failed(format!("the private key {} cannot be read: {error}", key.display()))
            .hint("it has to be a PEM file without a password")
    })?;
    Ok(Some((chain, key)))
}

/// Takes any certificate: the connection is private, but with whom is not known.
#[derive(Debug)]
struct Anything(WebPkiSupportedAlgorithms);

impl ServerCertVerifier for Anything {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, cert, dss, &self.0)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, cert, dss, &self.0)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_schemes()
    }
}

/// How much of a certificate is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Check {
    /// Who signed it.
    Chain,
    /// That, and whether it is this host's.
    Name,
}

/// Checks the chain, and the name where asked.
#[derive(Debug)]
struct Checked {
    inner: Arc<WebPkiServerVerifier>,
    roots: Vec<CertificateDer<'static>>,
    check: Check,
}

impl ServerCertVerifier for Checked {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let verdict = self.inner.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now);
        match verdict {
            Err(Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) if self.check == Check::Chain => Ok(ServerCertVerified::assertion()),
            // A certificate that signed itself and is given as the root is what many servers have, and OpenSSL takes
            // it. Its dates have been looked at by then; an expired one ends in another error.
            Err(Error::InvalidCertificate(CertificateError::UnknownIssuer | CertificateError::Other(_)))
                if self.roots.iter().any(|root| root == end_entity) =>
            {
                match self.check {
                    Check::Chain => Ok(ServerCertVerified::assertion()),
                    Check::Name => {
                        rustls::client::verify_server_name(&ParsedCertificate::try_from(end_entity)?, server_name)?;
                        Ok(ServerCertVerified::assertion())
                    }
                }
            }
            verdict => verdict,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.inner.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.inner.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.inner.supported_verify_schemes()
    }
}
