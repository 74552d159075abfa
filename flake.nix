# nix run github:assumerole/assumerole
{
  description = "Turn the name of an AWS role into short-lived credentials";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixpkgs-unstable";

  outputs =
    { self, nixpkgs }:
    let
      systems = [
        "x86_64-linux"
        "aarch64-linux"
        "x86_64-darwin"
        "aarch64-darwin"
      ];
      each = make: nixpkgs.lib.genAttrs systems (system: make nixpkgs.legacyPackages.${system});
    in
    {
      packages = each (pkgs: {
        default = pkgs.rustPlatform.buildRustPackage {
          pname = "assumerole";
          version = (builtins.fromTOML (builtins.readFile ./Cargo.toml)).workspace.package.version;
          src = self;
          cargoLock.lockFile = ./Cargo.lock;
          cargoBuildFlags = [ "--package=assumerole" ];
          # They need programs and a network of loopback that a build has not.
          doCheck = false;
          nativeBuildInputs = [ pkgs.installShellFiles ];
          postInstall = ''
            mkdir manual
            cargo run --release --offline --package assumerole --example manual -- manual
            installManPage manual/*.1
            installShellCompletion --cmd assumerole \
              --bash <($out/bin/assumerole completions bash) \
              --zsh <($out/bin/assumerole completions zsh) \
              --fish <($out/bin/assumerole completions fish)
          '';
          meta = {
            description = "Turn the name of an AWS role into short-lived credentials";
            homepage = "https://github.com/assumerole/assumerole";
            license = with nixpkgs.lib.licenses; [ mit asl20 ];
            mainProgram = "assumerole";
          };
        };
      });
    };
}
