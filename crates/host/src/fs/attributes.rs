//! What a file has beside its content, given to the file that takes its place.

use std::ffi::{CStr, CString};
use std::fs::{File, Metadata, Permissions};
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt, fchown};

use rustix::fs::{XattrFlags, fgetxattr, flistxattr, fremovexattr, fsetxattr};
use rustix::io::Errno;

/// The list of who may what beside the mode: acl(5). Linux keeps it in an
/// extended attribute; the group's bits of the mode are then its mask.
const ACL: &CStr = c"system.posix_acl_access";

/// The label of SELinux. A new file gets one by the rules of its folder; that
/// the old one cannot be had is no reason to leave the file alone.
const LABEL: &[u8] = b"security.selinux";

/// Gives `new` the group and the extended attributes of `old`, but none of the
/// rights that others have.
///
/// # Errors
/// One of them cannot be kept.
pub(super) fn keep_private(new: &File, old: &File, found: &Metadata) -> io::Result<()> {
    if new.metadata()?.gid() != found.gid() {
        fchown(new, None, Some(found.gid()))
            .map_err(|error| lost(&format!("its group {}", found.gid()), &error))?;
    }
    for name in names(old)? {
        if !is_kept(name.to_bytes()) {
            continue;
        }
        let shown = || format!("its attribute {}", name.to_string_lossy());
        let value = value(old, &name).map_err(|error| lost(&shown(), &error))?;
        let Some(value) = value else { continue };
        let kept = fsetxattr(new, &name, &value, XattrFlags::empty());
        match kept {
            Ok(()) => {}
            Err(_) if name.to_bytes() == LABEL => {}
            Err(error) => return Err(lost(&shown(), &error.into())),
        }
    }
    Ok(())
}

/// Gives `new` the rights of `old`: its list and its mode.
///
/// # Errors
/// They cannot be kept.
pub(super) fn keep_rights(new: &File, old: &File, found: &Metadata) -> io::Result<()> {
    let list = value(old, ACL).map_err(|error| lost("its access control list", &error))?;
    match list {
        Some(list) => fsetxattr(new, ACL, &list, XattrFlags::empty())
            .map_err(|error| lost("its access control list", &error.into()))?,
        // One that the folder gives to new files is not the file's own.
        None => match fremovexattr(new, ACL) {
            Ok(()) => {}
            Err(missing) if is_none(missing) => {}
            Err(error) => return Err(error.into()),
        },
    }
    let mode = found.mode() & 0o7777;
    new.set_permissions(Permissions::from_mode(mode))?;
    let is = new.metadata()?.mode() & 0o7777;
    if is == mode {
        Ok(())
    } else {
        // The system drops setgid where we are not in the group.
        let why = io::Error::from(io::ErrorKind::PermissionDenied);
        Err(lost(&format!("its mode {mode:04o}"), &why))
    }
}

/// Whether something beside the mode says who may use `file`.
pub(super) fn has_acl(file: &File) -> bool {
    !matches!(value(file, ACL), Ok(None))
}

/// What describes the content (digests, capabilities) is the old content's and
/// is left out; the list of rights comes last, in [`keep_rights`].
fn is_kept(name: &[u8]) -> bool {
    if name == ACL.to_bytes() {
        return false;
    }
    name == LABEL || !(name.starts_with(b"security.") || name.starts_with(b"trusted."))
}

fn names(file: &File) -> io::Result<Vec<CString>> {
    let list = growing(|buffer| flistxattr(file, buffer))?.unwrap_or_default();
    let names = list
        .split(|byte| *byte == 0)
        .filter(|name| !name.is_empty());
    Ok(names.filter_map(|name| CString::new(name).ok()).collect())
}

/// The attribute `name`; `None` if there is none.
fn value(file: &File, name: &CStr) -> io::Result<Option<Vec<u8>>> {
    growing(|buffer| fgetxattr(file, name, buffer))
}

/// What `get` puts into a buffer that is large enough; `None` if there is
/// nothing, or the file system has no attributes.
fn growing(mut get: impl FnMut(&mut [u8]) -> Result<usize, Errno>) -> io::Result<Option<Vec<u8>>> {
    // As much as Linux has of either: XATTR_SIZE_MAX, XATTR_LIST_MAX.
    const MOST: usize = 64 * 1024;
    let mut buffer = vec![0; 1024];
    loop {
        match get(&mut buffer) {
            Ok(len) => {
                buffer.truncate(len);
                return Ok(Some(buffer));
            }
            Err(Errno::RANGE) if buffer.len() < MOST => buffer.resize(MOST, 0),
            Err(missing) if is_none(missing) => return Ok(None),
            Err(error) => return Err(error.into()),
        }
    }
}

/// No such attribute (whose name differs between systems), or none at all.
fn is_none(error: Errno) -> bool {
    #[cfg(target_os = "macos")]
    if matches!(error, Errno::NOATTR | Errno::OPNOTSUPP) {
        return true;
    }
    matches!(error, Errno::NODATA | Errno::NOTSUP)
}

fn lost(what: &str, why: &io::Error) -> io::Error {
    let why = crate::error::reason(why);
    io::Error::other(format!("{what} cannot be kept: {why}"))
}
