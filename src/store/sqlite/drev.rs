//! What kind of drive a register lies on. On those that a network brings, locks and shared memory are not what SQLite needs:
//! two machines may write at once, and a fsync may promise too much.

use std::path::{Path, PathBuf};

use super::disk::folder_of;

/// File systems that other machines may have mounted too, or that pass files on to another machine.
const OF_A_NETWORK: &str = "nfs nfs4 cifs smb3 smbfs 9p afs ceph coda gfs2 glusterfs lustre ncpfs ocfs2 orangefs sshfs s3fs beegfs";

/// The kind of a network's file system that a register lies on, such as `nfs4`; none where it lies on a drive of this
/// machine, or that can't be told.
pub fn network(database: &Path) -> Option<String> {
    let mounts = std::fs::read("/proc/self/mountinfo").ok()?;
    let folder = folder_of(database).canonicalize().ok()?;
    kind(&String::from_utf8_lossy(&mounts), &folder).filter(|kind| is_of_a_network(kind))
}

fn is_of_a_network(kind: &str) -> bool {
    let kind = kind.strip_prefix("fuse.").unwrap_or(kind);
    OF_A_NETWORK.split(' ').any(|known| known == kind)
}

/// The kind of the file system that a folder lies on, by the system's list of mounts. Of two on one folder the later counts.
fn kind(mounts: &str, folder: &Path) -> Option<String> {
    let of_a_line = |line: &str| {
        let (before, after) = line.split_once(" - ")?;
        let at = PathBuf::from(unescaped(before.split(' ').nth(4)?));
        let kind = after.split(' ').next()?.to_owned();
        folder
            .starts_with(&at)
            .then(|| (at.components().count(), kind))
    };
    let found = mounts.lines().filter_map(of_a_line);
    found.max_by_key(|(depth, _)| *depth).map(|(_, kind)| kind)
}

/// A path as it is, where the list has `\040` for a space.
fn unescaped(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\\') {
        out.push_str(before);
        let code = after
            .get(..3)
            .and_then(|code| u8::from_str_radix(code, 8).ok());
        match code {
            Some(code) => {
                out.push(char::from(code));
                rest = &after[3..];
            }
            None => {
                out.push('\\');
                rest = after;
            }
        }
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOUNTS: &str = "\
22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda1 rw
23 22 0:21 / /proc rw - proc proc rw
40 22 0:50 / /srv/register rw,relatime shared:5 - nfs4 filer:/register rw
41 40 0:51 / /srv/register/lokal rw - xfs /dev/vdb rw
42 22 0:52 / /srv/med\\040plads rw - fuse.sshfs andre:/ rw
43 22 0:53 / /srv/skjult rw - nfs4 filer:/x rw
44 43 0:54 / /srv/skjult rw - tmpfs tmpfs rw
";

    #[test]
    fn the_deepest_mount_tells_the_kind() {
        for (folder, expected) in [
            ("/var/lib/dtr", "ext4"),
            ("/srv/register", "nfs4"),
            ("/srv/register/a/b", "nfs4"),
            ("/srv/registeret", "ext4"),
            ("/srv/register/lokal/a", "xfs"),
            ("/srv/med plads/a", "fuse.sshfs"),
            ("/srv/skjult", "tmpfs"),
        ] {
            assert_eq!(
                kind(MOUNTS, Path::new(folder)).as_deref(),
                Some(expected),
                "{folder}"
            );
        }
        assert_eq!(kind("rubbish\n", Path::new("/")), None);
    }

    #[test]
    fn a_network_is_told_from_a_drive() {
        for kind in ["nfs4", "cifs", "fuse.sshfs", "9p", "fuse.glusterfs"] {
            assert!(is_of_a_network(kind), "{kind}");
        }
        for kind in [
            "ext4",
            "xfs",
            "btrfs",
            "tmpfs",
            "overlay",
            "fuse.fuse-overlayfs",
            "zfs",
        ] {
            assert!(!is_of_a_network(kind), "{kind}");
        }
    }
}
