//! What the server tells its allocator, so that the memory of a peak goes back to the system.
#![cfg(all(target_os = "linux", target_env = "gnu"))]

use crate::support::Folder;
use crate::support::messages::*;
use crate::support::process::{Server, installation};

/// The server is the process that was started, with its name and its arguments, whatever it has told its allocator.
#[tokio::test]
async fn the_server_begins_once_more_in_its_own_process() {
    let folder = Folder::new();
    let server = Server::start(&installation(&folder).await);
    let told = |name: &str| {
        let bytes = std::fs::read(format!("/proc/{}/{name}", server.id())).unwrap();
        String::from_utf8(bytes).unwrap().replace('\0', " ")
    };
    assert!(
        told("environ").contains("glibc.malloc.mmap_threshold="),
        "{}",
        told("environ")
    );
    assert!(told("cmdline").ends_with("dtr serve --json "));
    assert_eq!(told("comm"), "dtr\n");
    assert!(server.terminate().success());
}

/// A program that may not be begun again serves as well, and a caller that goes away does not end it.
#[tokio::test]
async fn a_server_that_cannot_begin_once_more_serves() {
    let folder = Folder::new();
    let at = installation(&folder).await;
    // As long as a variable may be: with the settings it is too long.
    let long = format!("glibc.rtld.nns=4:{}", "z".repeat(131_000));
    let server = Server::start_with(&at, &[("GLIBC_TUNABLES", std::path::Path::new(&long))]);
    let log = std::fs::read_to_string(at.join("log.txt")).unwrap();
    assert!(
        log.contains("the allocator keeps its own settings"),
        "{log}"
    );
    let id = server.id().to_string();
    let mut kill = std::process::Command::new("kill");
    assert!(kill.args(["-PIPE", &id]).status().unwrap().success());
    let top = write("InsertDaginstitution", &[institution("Hus", 751)]);
    server.caller("operatoer").import_v2(top).ok().await;
    assert!(server.terminate().success());
}
