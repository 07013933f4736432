import Foundation
import Testing
import Voxtile
import VoxtileTestSupport

/// Where util-linux has a terminal to run programs in.
private let scriptPath = "/usr/bin/script"

@Suite("The terminal")
struct MessagesTests {
  private static let extent = Extent(width: 40, height: 18, depth: 1)

  private func layout(_ program: Program, _ environment: String, _ arguments: String...) throws -> [String] {
    let run = try program.shell("\(environment) exec \"$0\" \"$@\"", ["plan", "a.png"] + arguments).wait()
    let lines = run.output.split(separator: "\n").map(String.init)
    let start = try #require(lines.firstIndex { $0.hasPrefix("layout x") })
    return Array(lines[start...])
  }

  @Test("plan draws each axis: covers, lost voxels, padding, and patches as bars")
  func layout() throws {
    try withProgram { program in
      try program.makeImage("a.png", Self.extent, as: UInt8.self, limit: 255)
      let ascii = try layout(
        program, "LC_ALL=C COLUMNS=80", "--patch", "12", "--overlap", "2", "--edge", "discard,pad")
      #expect(
        ascii == [
          "layout x    11111111112211111111221111111111xxxxxxxx",
          "            [==========]        [==========]",
          "                      [==========]",
          "layout y    111111111122111111~~~~",
          "            [==========]",
          "                      [==========]",
        ], "\(ascii)")
      let unicode = try layout(program, "LC_ALL=C.UTF-8", "--patch", "12", "--overlap", "2", "--edge", "pad")
      #expect(unicode[0].hasSuffix("░░") && unicode[1].hasPrefix("            ├──────────┤"))
    }
  }

  @Test(
    "with standard streams closed, nothing is written into the result",
    arguments: ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
  func closedStreams(closing: String) throws {
    try withProgram { program in
      try program.makeImage("a.nii", Extent(20))
      let arguments = ["crop", "a.nii", "--patch", "8", "-o", "p", "--verbose"]
      #expect(try program.shell("exec \"$0\" \"$@\" \(closing)", arguments).wait().status == 0)
      let verify = try program("verify", "p", "--against", "a.nii")
      #expect(verify.status == 0, "\(verify.output)\(verify.messages)")
    }
  }

  @Test("the drawing keeps to the width, and to six lines an axis", arguments: [20, 33, 80, 200])
  func width(columns: Int) throws {
    try withProgram { program in
      try program.makeImage("a.png", Extent(width: 301, height: 100), as: UInt8.self, limit: 255)
      for overlap in ["0", "3", "7"] {
        let lines = try layout(
          program, "LC_ALL=C COLUMNS=\(columns)", "--patch", "8", "--overlap", overlap, "--edge", "discard")
        #expect(lines.allSatisfy { $0.count <= columns || $0.contains("between") })
        let second = try #require(lines.firstIndex { $0.hasPrefix("layout y") })
        #expect(second <= 6 && lines.count - second <= 6)
        #expect(lines[0].count == columns)
        // 301 = 8 + 36 x 8 + 5 without overlap, and 8 + 58 x 5 + 3 with 3: a lost voxel is seen in any width.
        #expect(lines[0].hasSuffix("x") == (overlap != "7"))
      }
    }
  }

  @Test("--quiet leaves results and errors, --verbose adds what is done")
  func levels() throws {
    try withProgram { program in
      try program.makeImage("a.png", Self.extent, as: UInt8.self, limit: 255)
      let crop = ["crop", "a.png", "--patch", "12", "--edge", "discard", "--force", "-o", "p"]
      let usual = try program.run(crop)
      #expect(usual.messages.hasPrefix("Warning: ") && !usual.messages.contains(" took "))
      let quiet = try program.run(crop + ["--quiet"])
      #expect(quiet.status == 0 && quiet.messages.isEmpty && quiet.output == usual.output)
      let verbose = try program.run(crop + ["--verbose"])
      for words in ["reads a.png: 40x18", "writes ", "memory ", "crop took ", "Warning: "] {
        #expect(verbose.messages.contains(words), "\(words): \(verbose.messages)")
      }
      let merged = try program.run(["merge", "p", "-o", "b.png", "--verbose"])
      for words in ["in p", "writes b.png", "memory ", "merge took "] {
        #expect(merged.messages.contains(words), "\(words): \(merged.messages)")
      }
      #expect(try program("verify", "p", "--verbose").messages.contains("verify took "))
      let wrong = try program("plan", "none.png", "--patch", "8", "-q")
      #expect(wrong.status == 1 && wrong.messages.contains("none.png: cannot be opened"))
      let info = try program("info", "none.png", "-q")
      #expect(info.status == 1 && info.messages.contains("none.png"))
      let both = try program("plan", "a.png", "--patch", "8", "-q", "--verbose")
      #expect(both.status == 64 && both.messages.contains("contradict each other"))
    }
  }

  @Test(
    "colors are on a terminal only, and off with NO_COLOR",
    .enabled(if: FileManager.default.fileExists(atPath: scriptPath), "needs script of util-linux"))
  func colors() throws {
    try withProgram { program in
      try program.makeImage("a.png", Self.extent, as: UInt8.self, limit: 255)
      func shown(_ environment: String) throws -> String {
        try program.shell(
          "\(environment) TERM=xterm \(scriptPath) -qec \"stty cols 40; '$0' plan a.png --patch 12 --edge discard\" /dev/null",
          []
        ).wait().output
      }
      let red = "\u{1B}[31m"
      let colored = try shown("env -u NO_COLOR LC_ALL=C")
      #expect(colored.contains(red) && colored.contains("layout x"))
      // The width is that of the terminal, whatever the environment says.
      let plain = try shown("NO_COLOR=1 LC_ALL=C COLUMNS=100")
      #expect(!plain.contains("\u{1B}") && plain.contains("layout x"))
      let line = try #require(plain.split(whereSeparator: \.isNewline).first { $0.hasPrefix("layout x") })
      #expect(line.count == 40)
      let piped = try program("plan", "a.png", "--patch", "12", "--edge", "discard")
      #expect(!piped.output.contains("\u{1B}") && !piped.messages.contains("\u{1B}"))
    }
  }

  @Test(
    "progress is a line that is drawn over and removed, and nothing on a dumb terminal",
    .enabled(if: FileManager.default.fileExists(atPath: scriptPath), "needs script of util-linux"))
  func progress() throws {
    try withProgram { program in
      // Long enough for the first second to pass.
      #if DEBUG
        let (side, count) = (20, 17 * 17 * 17)
      #else
        let (side, count) = (36, 33 * 33 * 33)
      #endif
      try program.makeImage("a.nii", Extent(side))
      for (terminal, isShown) in [("xterm", true), ("dumb", false)] {
        let run = try program.shell(
          "env -u NO_COLOR TERM=\(terminal) \(scriptPath) -qec \"stty cols 60; '$0' crop a.nii --patch 4 --overlap 3 --jobs 1"
            + " --format nii.gz --force -o p\" /dev/null", []
        ).wait()
        #expect(run.output.contains("\u{1B}[K") == isShown, "\(run.output.suffix(200))")
        #expect(run.output.contains("/\(count) patches, ") == isShown)
        let lines = run.output.split(whereSeparator: \.isNewline)
        #expect(lines.last?.hasSuffix(" patches of 4x4x4 in p") == true, "\(lines.suffix(2))")
      }
    }
  }

  @Test("a program can follow a job by lines, also where messages are not wanted")
  func progressLines() throws {
    try withProgram { program in
      try program.makeImage("a.nii", Extent(width: 20, height: 18, depth: 16))
      let run = try program("crop", "a.nii", "-o", "p", "--patch", "8", "--quiet", "--progress-lines")
      let steps = run.messages.split(separator: "\n").map(String.init)
      #expect(
        run.status == 0 && !steps.isEmpty && steps.allSatisfy { $0.hasPrefix("progress crop ") }, "\(run)")
      let counts = steps.compactMap {
        $0.split(separator: " ").last?.split(separator: "/").compactMap { Int($0) }
      }
      #expect(counts.allSatisfy { $0.count == 2 } && counts.map { $0[0] } == counts.map { $0[0] }.sorted())
      let last = try #require(counts.last)
      #expect(last[0] == last[1])
      #expect(try program("verify", "p", "--quiet").messages == "")
      let again = try program("crop", "a.nii", "-o", "p", "--patch", "8", "--quiet", "--progress-lines")
      #expect(again.status == 1 && again.messages.hasPrefix("failure targetExists\nError: "), "\(again)")
    }
  }
}
