//! The real binary against the private AWS, from the outside: environment
//! cleared, a home of its own, exact stdout, stderr and status.

#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "tests touch the machine and may panic"
)]

mod accounts;
mod add;
mod agents;
mod answers;
mod arguments;
mod aws_roles;
mod basics;
mod big_config;
mod book;
#[cfg(target_os = "linux")]
mod bounds;
mod cache_damage;
#[cfg(target_os = "linux")]
mod cache_folder;
mod cache_key;
mod check;
mod check_aws;
mod chooser;
mod chooser_rows;
mod chooser_screen;
mod clock;
mod codeartifact;
mod codeartifact_command;
mod codeartifact_entries;
mod codeartifact_files;
mod codeartifact_wins;
mod command_names;
mod completion;
mod completion_places;
mod config;
mod connections;
mod console;
mod credential_process;
mod defaults;
mod differences;
mod docs_screens;
mod doctor;
mod durations;
mod each;
mod earlier;
mod edits;
mod elsewhere;
mod endpoints;
mod environment;
mod exit_codes;
mod expansion;
mod export;
mod exports;
#[cfg(target_os = "linux")]
mod faults;
mod gate;
mod half_ways;
mod harness;
mod hints;
mod history;
#[cfg(target_os = "linux")]
mod hostile;
mod import;
mod in_place;
#[cfg(target_os = "linux")]
mod interrupts;
mod keys;
#[cfg(target_os = "linux")]
mod keystores;
mod killed;
mod labels;
mod list;
mod logout;
mod mfa_choice;
mod mfa_onepassword;
mod mfa_programs;
mod mfa_session;
mod mfa_stage;
mod mfa_stored;
mod names;
mod own_editor;
mod own_roles;
mod owned;
mod picture;
mod plan;
mod plugins;
mod previous;
mod profile;
mod profiles;
mod profiles_read;
mod prompt;
mod prompts;
mod proxies;
#[cfg(target_os = "linux")]
mod purity;
mod reading;
mod recipes;
mod refusals;
mod regions;
mod registries;
mod relay;
#[cfg(target_os = "linux")]
mod resident;
mod role_in_prompt;
mod said_once;
mod schema;
mod screens;
#[cfg(target_os = "linux")]
mod secrecy;
mod serve;
mod session_keys;
mod shell;
mod silence;
mod slips;
mod small_texts;
mod sources;
mod ssh;
mod sso;
mod startup;
mod subshell;
mod support;
mod terminal;
mod tls;
mod together;
mod tokens;
mod told_apart;
#[cfg(target_os = "linux")]
mod torture;
mod turns;
mod upgrade;
#[cfg(target_os = "linux")]
mod users;
#[cfg(target_os = "linux")]
mod waits;
mod walk;
mod wire;
mod wordlist;
