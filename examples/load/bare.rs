//! The ceiling: hyper and rustls and nothing else. It reads a POST to its end and answers the same half kilobyte; a GET
//! with If-None-Match gets 304, any other a prepared document. A second listener does the same without TLS.

use std::convert::Infallible;
use std::sync::Arc;

use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::faelles::Failure;

/// Half a kilobyte.
static ANSWER: [u8; 512] = [b'x'; 512];

/// Serves until it is killed.
pub(crate) async fn serve(pki: &str, document: &str) -> Result<(), Failure> {
    let tls = TlsAcceptor::from(Arc::new(configuration(pki)?));
    let document = Bytes::from(std::fs::read(document)?);
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let plain = TcpListener::bind("127.0.0.1:0").await?;
    println!(
        "{{\"service_url\":\"https://localhost:{}\",\"public_url\":\"http://localhost:{}\"}}",
        listener.local_addr()?.port(),
        plain.local_addr()?.port()
    );
    tokio::spawn(serve_plain(plain, document.clone()));
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let (tls, document) = (tls.clone(), document.clone());
        tokio::spawn(async move {
            let Ok(stream) = tls.accept(stream).await else {
                return;
            };
            let service = service_fn(move |request| answer(request, document.clone()));
            let _ = http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

async fn serve_plain(listener: TcpListener, document: Bytes) {
    while let Ok((stream, _)) = listener.accept().await {
        let _ = stream.set_nodelay(true);
        let document = document.clone();
        let service = service_fn(move |request| answer(request, document.clone()));
        tokio::spawn(async move {
            let _ = http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

async fn answer(
    request: Request<Incoming>,
    document: Bytes,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let known = request.headers().contains_key(IF_NONE_MATCH);
    let get = request.method() == Method::GET;
    let _ = request.into_body().collect().await;
    let body = match (get, known) {
        (false, _) => Bytes::from_static(&ANSWER),
        (true, true) => Bytes::new(),
        (true, false) => document,
    };
    let mut response = Response::new(Full::new(body));
    let headers = response.headers_mut();
    headers.insert(
        CONTENT_TYPE,
        hyper::header::HeaderValue::from_static("text/xml; charset=utf-8"),
    );
    if get {
        headers.insert(ETAG, hyper::header::HeaderValue::from_static("\"1\""));
    }
    if known {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    }
    Ok(response)
}

fn configuration(pki: &str) -> Result<ServerConfig, Failure> {
    let read = |name: &str| std::fs::read(format!("{pki}/{name}"));
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(&read("ca.pem")?)?)?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let callers =
        WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider))
            .build()?;
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_client_cert_verifier(callers)
        .with_single_cert(
            CertificateDer::pem_slice_iter(&read("server.pem")?).collect::<Result<_, _>>()?,
            PrivateKeyDer::from_pem_slice(&read("server.key")?)?,
        )?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}
