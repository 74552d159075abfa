//! One description of every key: how its value is read, and what a JSON Schema
//! says of it.
//!
//! A [`Form`] is the form of a value; [`keys!`] lists the keys of an object
//! with their forms. The reader of an object takes the very fields that the
//! list makes, so that no key can be read without being described, nor be
//! described without being read.

use serde_json::{Value, json};

use super::fault::{Fault, Read};
use super::fields::Fields;
use super::node::Node;

/// The form of a value: what it is read into, by which rules, and those rules
/// in the words of JSON Schema (draft 7, which editors know best).
pub(super) trait Form {
    /// What a value of this form is read into.
    type Value;

    /// Reads a value that is not null.
    fn read(node: &Node<'_>) -> Read<Self::Value>;

    /// What a schema says of it. It takes everything that [`Form::read`]
    /// takes, and refuses what it can of the rest; null is none of its
    /// business.
    fn schema() -> Value;
}

/// The keys of an object, made by [`keys!`].
pub(super) trait ObjectKeys: Sized {
    /// Takes every key out of `fields`; what is wrong with one is put to the
    /// `faults`, and the key is as good as missing.
    fn take(fields: &Fields<'_>, faults: &mut Vec<Fault>) -> Self;

    /// Adds the names of the keys.
    fn names(into: &mut Vec<&'static str>);

    /// Adds what a schema says of each key.
    fn describe(into: &mut Vec<Described>);
}

/// A key as a schema has it.
pub(super) struct Described {
    /// Its name.
    pub(super) name: &'static str,
    /// What it is for, in a sentence.
    pub(super) about: &'static str,
    /// The [`Form::schema`] of its value.
    pub(super) schema: Value,
}

/// Lists the keys of an object: what each is for, its name and its [`Form`].
/// At the end, `..name: Group` takes in the keys of another list.
///
/// Makes a struct with a field for each key, `None` where the file has none or
/// null. Take it apart without `..`: then a new key does not compile until it
/// is used.
macro_rules! keys {
    (
        $(#[$meta:meta])*
        $vis:vis struct $name:ident {
            $( $(#[doc = $about:literal])+ $key:ident: $form:ty, )*
            $( ..$group:ident: $keys:ty, )*
        }
    ) => {
        $(#[$meta])*
        $vis struct $name {
            $( $(#[doc = $about])+ $key:
                Option<$crate::diagnostic::text::Spanned<<$form as $crate::config::schema::Form>::Value>>, )*
            $( $group: $keys, )*
        }

        impl $crate::config::schema::ObjectKeys for $name {
            fn take(
                fields: &$crate::config::fields::Fields<'_>,
                faults: &mut Vec<$crate::config::fault::Fault>,
            ) -> Self {
                Self {
                    $( $key: fields.take_or::<$form>(stringify!($key), faults), )*
                    $( $group: <$keys as $crate::config::schema::ObjectKeys>::take(fields, faults), )*
                }
            }

            fn names(into: &mut Vec<&'static str>) {
                into.extend([$( stringify!($key), )*]);
                $( <$keys as $crate::config::schema::ObjectKeys>::names(into); )*
            }

            fn describe(into: &mut Vec<$crate::config::schema::Described>) {
                $( into.push($crate::config::schema::Described {
                    name: stringify!($key),
                    about: concat!($($about),+),
                    schema: <$form as $crate::config::schema::Form>::schema(),
                }); )*
                $( <$keys as $crate::config::schema::ObjectKeys>::describe(into); )*
            }
        }
    };
}
pub(super) use keys;

/// The schema of an object with the keys `K`; those of `required` have to be
/// there.
pub(super) fn object<K: ObjectKeys>(required: &[&str]) -> Value {
    let mut described = Vec::new();
    K::describe(&mut described);
    members(described, required)
}

/// The schema of an object with the keys `described`; those of `required` have
/// to be there.
pub(super) fn members(described: Vec<Described>, required: &[&str]) -> Value {
    let property = |key: Described| {
        let mut schema = key.schema;
        if !required.contains(&key.name) {
            schema = or_null(schema);
        }
        schema["description"] = json!(key.about.trim());
        (key.name.to_owned(), schema)
    };
    let properties: serde_json::Map<String, Value> = described.into_iter().map(property).collect();
    let mut object = json!({
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
    });
    if !required.is_empty() {
        object["required"] = json!(required);
    }
    object
}

/// `schema`, or null: that is as good as no value.
fn or_null(mut schema: Value) -> Value {
    if schema == json!({}) {
        return schema;
    }
    match schema.get_mut("type").map(Value::take) {
        Some(Value::Array(mut types)) => {
            types.push(json!("null"));
            schema["type"] = json!(types);
            schema
        }
        Some(one) => {
            schema["type"] = json!([one, "null"]);
            schema
        }
        None => match schema.get_mut("anyOf").and_then(Value::as_array_mut) {
            Some(forms) => {
                forms.push(json!({"type": "null"}));
                schema
            }
            None => json!({"anyOf": [schema, {"type": "null"}]}),
        },
    }
}

/// A string of `pattern`, which is anchored here.
pub(super) fn pattern(pattern: &str) -> Value {
    json!({"type": "string", "pattern": format!("^(?:{pattern})$")})
}

/// `schema`, for texts in which `pattern` is not found.
pub(super) fn without(pattern: &str, mut schema: Value) -> Value {
    schema["not"] = json!({"type": "string", "pattern": pattern});
    schema
}

/// An object that has the keys `names`, none of them null.
pub(super) fn with(names: &[&str]) -> Value {
    let not_null = |name: &&str| ((*name).to_owned(), json!({"not": {"type": "null"}}));
    let properties: serde_json::Map<String, Value> = names.iter().map(not_null).collect();
    json!({"required": names, "properties": properties})
}
