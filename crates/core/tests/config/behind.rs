//! A file whose roles stand behind those of another one.

use assumerole_core::config::Config;

const OWN: &str = "{\r\n\"aws_region\": \"eu-west-1\",\r\n\"assume_roles\": {\r\n\"a\": {\"aws_profile\": \"p\", \"aws_account\": \"123456789012\", \"aws_role\": \"r\"}}}";
const MORE: &str = r#"{
"aws_region": "us-east-1",
"assume_roles": {
"a": {"aws_profile": "p", "aws_account": "222222222222", "aws_role": "r"},
"b": {"aws_profile": "p", "aws_account": "222222222222", "aws_role": "r", "confirm": true},
"c": {"aws_profile": "p", "aws_account": "2", "aws_role": "r"},
"d": {"aws_profile": "p", "aws_account": "222222222222", "aws_role": "r"}
}}"#;

#[test]
fn its_roles_count_where_the_first_has_none_and_their_places_are_its_own() {
    let own = Config::parse("own", OWN.to_owned()).unwrap();
    let more = Config::parse("more", MORE.to_owned()).unwrap();
    let both = own.followed_by(&more, &mut |name| name != "d").unwrap();
    assert_eq!(both.role_names(), ["a", "b", "c"]);
    assert_eq!(both.path(), "own");
    let a = both.role("a").unwrap().unwrap();
    assert_eq!(a.aws_account.value.as_str(), "123456789012");
    assert_eq!(both.path_of(&a), "own");
    let b = both.role("b").unwrap().unwrap();
    assert!(b.confirm);
    assert_eq!(both.path_of(&b), "more");
    // Settings are those of the first alone.
    assert_eq!(both.aws_region().unwrap().value.as_str(), "eu-west-1");
    let place = |name: &str| both.place_of_role(name).unwrap().unwrap().place();
    assert_eq!(
        (place("a"), place("b")),
        ("own:4:1".into(), "more:5:1".into())
    );
    let wrong = both.role("c").unwrap_err();
    let at = wrong.snippet().unwrap();
    assert_eq!(at.place(), "more:6:42");
    assert!(at.text.contains("\"c\""), "{at:?}");
    let none = Config::none("own")
        .followed_by(&more, &mut |_| true)
        .unwrap();
    assert_eq!(none.role_names(), ["a", "b", "c", "d"]);
}
