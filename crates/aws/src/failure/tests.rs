//! What codes and words of AWS mean.

use super::*;

#[test]
fn codes_and_words_become_reasons() {
    let off = Some(SignedDuration::from_mins(-7));
    for (code, message, status, skew, reason) in [
        (
            "AccessDenied",
            "MultiFactorAuthentication failed with invalid MFA one time pass code. ",
            403,
            None,
            Reason::WrongCode,
        ),
        (
            "AccessDenied",
            "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user.",
            403,
            None,
            Reason::UnknownDevice,
        ),
        (
            "AccessDenied",
            "User: x is not authorized to perform: sts:AssumeRole on resource: y",
            403,
            None,
            Reason::NotAuthorized,
        ),
        (
            "AccessDenied",
            "User: x is not authorized to perform: sts:TagSession on resource: y",
            403,
            None,
            Reason::NoTagging,
        ),
        (
            "AccessDenied",
            "User: x is not authorized to perform: sts:SetSourceIdentity on resource: y",
            403,
            None,
            Reason::NoSourceIdentity,
        ),
        (
            "MalformedPolicyDocument",
            "This policy contains invalid Json",
            400,
            None,
            Reason::MalformedPolicy,
        ),
        (
            "PackedPolicyTooLarge",
            "Packed policy consumes 101% of allotted space, please use smaller policy.",
            400,
            None,
            Reason::PackedTooLarge,
        ),
        (
            "ValidationError",
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
            400,
            None,
            Reason::OverMaximum,
        ),
        (
            "ValidationError",
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining",
            400,
            None,
            Reason::OverChainCap,
        ),
        (
            "ValidationError",
            "1 validation error detected",
            400,
            None,
            Reason::Invalid,
        ),
        (
            "InvalidClientTokenId",
            "The security token included in the request is invalid.",
            403,
            None,
            Reason::InvalidKey,
        ),
        (
            "SignatureDoesNotMatch",
            "Signature expired",
            403,
            off,
            Reason::Clock,
        ),
        (
            "SignatureDoesNotMatch",
            "The request signature we calculated does not match",
            403,
            None,
            Reason::WrongSecret,
        ),
        ("ExpiredToken", "", 403, None, Reason::Expired),
        (
            "SignatureDoesNotMatch",
            "Credential should be scoped to a valid region. ",
            403,
            None,
            Reason::OtherRegion,
        ),
        (
            "RegionDisabledException",
            "",
            403,
            None,
            Reason::RegionDisabled,
        ),
        (
            "UnauthorizedException",
            "Session token not found or invalid",
            401,
            None,
            Reason::LoggedOut,
        ),
        ("InvalidGrantException", "", 400, None, Reason::LoggedOut),
        (
            "ForbiddenException",
            "No access",
            403,
            None,
            Reason::NotAssigned,
        ),
        (
            "InvalidIdentityToken",
            "",
            400,
            None,
            Reason::InvalidIdentity,
        ),
        ("Throttling", "Rate exceeded", 400, None, Reason::Throttled),
        ("InternalFailure", "", 500, None, Reason::Server),
        ("", "", 200, None, Reason::Garbage),
        ("Whatever", "", 400, None, Reason::Other),
    ] {
        assert_eq!(
            read_service(Some(code), message, status, skew),
            reason,
            "{code} {message}"
        );
    }
}
