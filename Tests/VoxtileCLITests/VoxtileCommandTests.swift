import Foundation
import Testing
import Voxtile
import VoxtileTestSupport

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

@Suite("voxtile")
struct VoxtileCommandTests {
  private static let options: [String: [String]] = [
    "plan": ["<input>", "--patch", "--overlap", "--edge", "--padding", "--order", "--json"],
    "crop": [
      "<input>", "--output", "-o", "--patch", "--overlap", "--edge", "--padding", "--order", "--format",
      "--jobs",
      "--compression", "--force",
    ],
    "merge": [
      "<folder>", "--output", "-o", "--manifest", "--blend", "--fill", "--type", "--jobs", "--compression",
      "--force",
    ],
    "verify": ["<folder>", "--against", "--manifest", "--jobs", "--json"],
    "info": ["<files>", "--json"],
    "evaluate": [
      "<predictions>", "<labels>", "--tolerance", "--surface", "--label-values", "--lesions", "--output",
      "--json",
    ],
    "infer": [
      "<input>", "--cases", "--recursive", "--channels", "--resume", "--part", "--parallel", "--name",
    ],
    "summary": ["<folder>", "--json"],
  ]

  @Test(
    "every subcommand's help names its options, and the program's names the subcommands and exit statuses")
  func help() throws {
    try withProgram { program in
      let whole = try program("--help")
      #expect(whole.status == 0 && whole.messages.isEmpty)
      for words in ["0 done", "1 failed", "64 wrong usage", "130 interrupted"] {
        #expect(whole.output.contains(words), "\(words)")
      }
      for (command, options) in Self.options {
        #expect(whole.output.contains("  \(command) "))
        let help = try program(command, "--help")
        #expect(help.status == 0 && help.messages.isEmpty)
        for option in options + ["USAGE: voxtile \(command)"] {
          #expect(help.output.contains(option), "\(command): \(option)")
        }
        #expect(try program("help", command).output == help.output)
      }
      for policy in ["shift", "discard", "balance", "pad", "pad-both", "partial"] {
        #expect(try program("crop", "--help").output.contains("\(policy)"))
      }
      for blend in ["average", "gaussian", "hann", "triangular", "center", "last", "maximum", "vote"] {
        #expect(try program("merge", "--help").output.contains(blend))
      }
    }
  }

  @Test("the version is printed")
  func version() throws {
    try withProgram { program in
      let run = try program("--version")
      #expect(run.status == 0 && run.output == "\(LibraryVersion.current)\n")
    }
  }

  @Test("completion scripts know the subcommands and options", arguments: ["bash", "zsh", "fish"])
  func completions(shell: String) throws {
    try withProgram { program in
      let run = try program("--generate-completion-script", shell)
      #expect(run.status == 0 && run.messages.isEmpty)
      for words in Self.options.keys + ["overlap", "padding", "against"] {
        #expect(run.output.contains(words), "\(words)")
      }
      guard shell == "bash" else { return }
      try writeFile([UInt8](run.output.utf8), to: program.path("completions"))
      #expect(try program.shell("bash -n completions", []).wait().status == 0)
    }
  }

  @Test("there is no progress bar in a pipe, and nothing but the result on standard output")
  func pipe() throws {
    try withProgram { program in
      try program.makeImage("a.nii", Extent(12))
      let crop = try program.shell(
        "exec \"$0\" \"$@\"", ["crop", "a.nii", "--patch", "2", "--overlap", "1", "--jobs", "1", "-o", "p"])
      // A bar shows after a second, which is shorter to wait for than to fill with work.
      crop.send(SIGSTOP)
      usleep(1_100_000)
      crop.send(SIGCONT)
      let run = try crop.wait()
      #expect(run.output == "1,331 patches of 2x2x2 in p\n" && run.messages.isEmpty)
      #expect(try fileNames(in: program.path("p")).count == 1332)
    }
  }
}
