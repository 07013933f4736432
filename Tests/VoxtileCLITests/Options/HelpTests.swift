import Testing
import Voxtile
import VoxtileTestSupport

@testable import VoxtileCLI

@Suite("Help")
struct HelpTests {
  private static let commands = [
    "plan", "crop", "merge", "infer", "evaluate", "verify", "sample", "info", "convert", "resample",
    "summary",
    "report", "view",
  ]

  /// The groups of a command's help, each with the text of its options.
  private func groups(_ command: String) throws -> [(title: String, options: [String])] {
    try withProgram { program in
      let help = try program(command, "--help")
      #expect(help.status == 0)
      var groups: [(title: String, options: [String])] = []
      for line in help.output.split(separator: "\n").map(String.init) {
        if line.hasSuffix(":"), line == line.uppercased(), !line.hasPrefix(" ") {
          groups.append((String(line.dropLast()), []))
        } else if groups.isEmpty {
          continue
        } else if line.hasPrefix("  "), !line.hasPrefix("   ") {
          groups[groups.count - 1].options.append(line)
        } else if let last = groups[groups.count - 1].options.indices.last {
          groups[groups.count - 1].options[last] += " " + line
        }
      }
      return groups
    }
  }

  @Test("groups come in one order, arguments first and --version and --help last", arguments: commands)
  func order(command: String) throws {
    let titles = try groups(command).map(\.title)
    let order = ["ARGUMENTS"] + HelpGroup.allCases.map { $0.rawValue.uppercased() } + ["OPTIONS"]
    #expect(titles == order.filter(titles.contains) && titles.count > 3, "\(titles)")
  }

  @Test("no option but --version and --help is outside the titled groups", arguments: commands)
  func untitled(command: String) throws {
    let options = try #require(try groups(command).last { $0.title == "OPTIONS" }?.options)
    #expect(options.count == 2)
    #expect(options.first?.hasPrefix("  --version") == true)
    #expect(options.last?.hasPrefix("  -h, --help") == true)
  }

  @Test("the values of an option are listed once", arguments: commands)
  func values(command: String) throws {
    for option in try groups(command).flatMap(\.options) {
      let text = option.split(whereSeparator: \.isWhitespace).joined(separator: " ")
      let lists = text.matches(of: /[a-z][a-z0-9.:-]*(?:, [a-z][a-z0-9.:-]*)+/).map {
        Set($0.output.split(separator: ", "))
      }
      let explained = Set(
        text.matches(of: #/([a-z-]+) - /#).map { $0.output.1 })
      let all = lists + [explained]
      for (index, list) in all.enumerated() {
        for other in all[..<index] { #expect(list.intersection(other).count < 2, "\(text)") }
      }
    }
  }

  @Test("a negative value may follow its option after a blank")
  func negative() throws {
    try withProgram { program in
      try program.makeImage("a.nii", Extent(7))
      #expect(
        try program("crop", "a.nii", "--patch", "4", "--overlap", "0", "--edge", "discard", "-o", "p").status
          == 0)
      let merge = try program("merge", "p", "-o", "b.nii", "--fill", "-2")
      #expect(merge.status == 0 && merge.messages.contains("the fill value -2"), "\(merge.messages)")
      // Refused for what they say, and not for looking like options.
      for (arguments, message) in [
        (["merge", "p", "-o", "c.nii", "--jobs", "-1"], "--jobs -1 is out of range"),
        (["report", "p", "-o", "c.html", "--channel", "-1"], "--channel -1 is out of range"),
        (["plan", "a.nii", "--patch", "-3"], "--patch -3: a size is at least 1"),
        (
          ["infer", "a.nii", "--model", "none.onnx", "-o", "c.nii", "--skip-below", "-2.5", "--batch", "-1"],
          "--batch -1 is empty"
        ),
      ] {
        let run = try program.run(arguments)
        #expect(run.status == 64 && run.messages.contains(message), "\(run.messages)")
      }
    }
  }
}
