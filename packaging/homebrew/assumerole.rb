# Made from packaging/homebrew/assumerole.rb by `cargo xtask dist`.
class Assumerole < Formula
  desc "Turn the name of an AWS role into short-lived credentials"
  homepage "https://github.com/assumerole/assumerole"
  version "@VERSION@"
  license any_of: ["MIT", "Apache-2.0"]

  on_linux do
    on_intel do
      url "@RELEASE@/@ARCHIVE_X86_64@"
      sha256 "@SHA256_X86_64@"
    end
    on_arm do
      url "@RELEASE@/@ARCHIVE_AARCH64@"
      sha256 "@SHA256_AARCH64@"
    end
  end

  depends_on :linux

  def install
    bin.install "assumerole"
    bin.install_symlink bin/"assumerole" => "docker-credential-assumerole"
    man1.install Dir["man/*.1.gz"]
    bash_completion.install "completions/assumerole.bash" => "assumerole"
    zsh_completion.install "completions/_assumerole"
    fish_completion.install "completions/assumerole.fish"
    doc.install "docs", "CHANGELOG.md", "SECURITY.md"
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/assumerole --version")
  end
end
