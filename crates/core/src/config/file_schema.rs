//! What a JSON Schema says of the whole file.

use serde_json::{Value, json};

use super::codeartifact;
use super::role;
use super::schema::{self, Described};
use super::settings::{KEYS, ROLES, TopKey};

/// A JSON Schema of the whole file. It is stricter than the program in one
/// point: a key that nobody knows is wrong, where the program only warns.
pub fn schema() -> Value {
    let mut top: Vec<Described> = KEYS.iter().map(TopKey::described).collect();
    top.push(Described {
        name: ROLES,
        about: "The roles, each an object under the name that you type.",
        schema: json!({
            "type": "object",
            // One line of text.
            "propertyNames": {"pattern": r"^[^\u0000-\u001f\u007f-\u009f]+$"},
            "additionalProperties": {"$ref": "#/definitions/role"},
        }),
    });
    let mut file = schema::members(top, &[]);
    file["$schema"] = json!("http://json-schema.org/draft-07/schema#");
    file["title"] = json!("~/.assumerole");
    file["description"] = json!("The roles that assumerole can assume.");
    // What no profile at the top stands for, each role says.
    file["if"] = schema::with(&["aws_profile"]);
    file["else"] = json!({"properties": {
        "aws_mfa_arn": {"type": "null"},
        ROLES: {
            "additionalProperties": {"anyOf": [schema::with(&["aws_profile"]), schema::with(&["via"])]},
        },
    }});
    file["definitions"] = json!({
        "codeartifact": codeartifact::entry_schema(),
        "role": role::schema(),
    });
    file
}
