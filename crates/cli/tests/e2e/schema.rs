//! `schema`: the JSON Schema of `~/.assumerole`.

use super::harness::Stage;
use super::support::check;

#[test]
fn the_schema_is_the_shipped_one_and_needs_no_file() {
    let stage = Stage::new();
    std::fs::remove_file(stage.path(".assumerole")).unwrap();
    let shipped = include_str!("../../../../docs/assumerole.schema.json");
    check(&stage.run(&["schema"]), shipped, "", 0);
    assert!(stage.list(".assumerole.d").is_empty());
}

#[test]
fn a_file_may_name_its_schema() {
    let stage = Stage::new();
    stage.write(
        ".assumerole",
        r#"{"$schema": "https://example.com/s.json", "assume_roles": {"a": {"aws_profile": "base", "aws_role": "arn:aws:iam::123456789012:role/plain"}}}"#,
    );
    check(&stage.run(&["accountlist_text"]), "a\n", "", 0);
}
