import Foundation
import Testing
import Voxtile
import VoxtileFormats
import VoxtileTestSupport

@testable import VoxtileCases

@Suite("The journal")
struct JournalTests {
  /// A line about a case, of some second.
  private static func entry(_ name: String, _ event: JournalEntry.Event, second: Int = 0) -> JournalEntry {
    JournalEntry(
      name: name, event: event, date: "2026-01-31T12:00:\(second < 10 ? "0" : "")\(second)Z",
      outputs: event == .done ? [.init(name: "\(name).nii", bytes: 5, checksum: "crc32:00000000")] : [])
  }

  /// Lines about two cases, with a name that is no ASCII.
  private static let lines = [
    entry("a", .started, second: 1), entry("a", .done, second: 2),
    entry("sub/é \"b\"\n", .started, second: 3),
    entry("sub/é \"b\"\n", .failed, second: 4),
  ]

  private static func bytes(of lines: [JournalEntry] = lines) throws -> [UInt8] {
    try lines.flatMap(JournalLines.line)
  }

  /// The names and events of entries.
  private func text(_ entries: some Sequence<JournalEntry>) -> [String] {
    entries.map { "\($0.name) \($0.event)" }
  }

  @Test("a new journal knows what was added, and so does the next one")
  func continued() throws {
    try withTemporaryFolder { folder in
      do {
        let journal = try Journal(in: folder)
        for line in Self.lines { try journal.add(line) }
        #expect(journal.entry(of: "a")?.event == .done && journal.entries.count == 2)
      }
      let journal = try Journal(in: folder)
      #expect(journal.entry(of: "a")?.outputs == Self.lines[1].outputs && journal.damagedLines.isEmpty)
      #expect(journal.entry(of: "sub/é \"b\"\n")?.event == .failed)
    }
  }

  @Test("a line is on the disk, readable, before the call that adds it returns")
  func atOnce() throws {
    try withTemporaryFolder { folder in
      let journal = try Journal(in: folder)
      for count in 1...Self.lines.count {
        try journal.add(Self.lines[count - 1])
        #expect(try JournalLines(contentsOf: journal.path).entries.count == count)
        let text = String(decoding: try fileBytes(journal.path), as: UTF8.self)
        #expect(text.split(separator: "\n").allSatisfy { $0.dropFirst(8).hasPrefix(" {\"date\":\"2026-") })
      }
    }
  }

  @Test(
    "of a journal that was cut off anywhere, every line that ends is read, and the next run goes on behind it"
  )
  func prefixes() throws {
    let bytes = try Self.bytes()
    let ends = bytes.indices.filter { bytes[$0] == 0x0A }
    for count in 0...bytes.count {
      let whole = ends.count { $0 < count }
      let lines = JournalLines(Array(bytes.prefix(count)))
      #expect(text(lines.entries) == text(Self.lines.prefix(whole)), "\(count) bytes")
      #expect(lines.damaged.isEmpty && lines.wholeByteCount == (whole == 0 ? 0 : ends[whole - 1] + 1))
    }
    try withTemporaryFolder { folder in
      for count in stride(from: 0, through: bytes.count, by: 7) {
        try writeFile(Array(bytes.prefix(count)), to: "\(folder)/\(Journal.name())")
        let journal = try Journal(in: folder)
        try journal.add(Self.entry("z", .done))
        let lines = try JournalLines(contentsOf: journal.path)
        #expect(lines.damaged.isEmpty && lines.entries.last?.name == "z", "\(count) bytes")
        #expect(lines.entries.count == 1 + ends.count { $0 < count }, "\(count) bytes")
      }
    }
  }

  @Test(
    "a byte that was changed costs its own line only, or two where it is the end of one, and that is known")
  func flips() throws {
    let bytes = try Self.bytes()
    let ends = bytes.indices.filter { bytes[$0] == 0x0A }
    let all = text(Self.lines)
    for place in bytes.indices {
      for mask in [UInt8(1), 0x20, 0x80, bytes[place] ^ 0x0A] where mask != 0 {
        var changed = bytes
        changed[place] ^= mask
        let lines = JournalLines(changed)
        let line = ends.firstIndex { $0 >= place } ?? 0
        let lost = bytes[place] == 0x0A ? line...min(line + 1, 3) : line...line
        let kept = all.indices.filter { !lost.contains($0) }.map { all[$0] }
        #expect(text(lines.entries) == kept, "byte \(place), mask \(mask)")
        // The end of the last line is the only byte without which the line counts as never written.
        #expect(
          lines.damaged.first == (place == bytes.count - 1 ? nil : line + 1), "byte \(place), mask \(mask)")
      }
    }
  }

  @Test("bytes of any kind are read without a trap")
  func garbage() {
    for var random in SplitMix64.cases(200, from: 77) {
      let bytes = (0..<Int.random(in: 0...200, using: &random)).map { _ in
        [0x0A, 0x20, 0x7B, UInt8.random(in: 0...255, using: &random)][Int.random(in: 0...3, using: &random)]
      }
      let lines = JournalLines(bytes)
      #expect(lines.entries.isEmpty && lines.damaged.count == bytes.count { $0 == 0x0A }, "\(random)")
    }
  }

  @Test(
    "two runs at once in one folder are refused; two parts are not, and the next run after the first is not")
  func lock() throws {
    try withTemporaryFolder { folder in
      do {
        let first = try Journal(in: folder)
        expectRefusal(.targetExists, "another run", Journal.name()) { _ = try Journal(in: folder) }
        let part = try Journal(in: folder, part: CasePart(1, of: 2))
        expectRefusal(.targetExists, "part-1-of-2") { _ = try Journal(in: folder, part: CasePart(1, of: 2)) }
        // One that was refused has not touched the lines of the other.
        try first.add(Self.lines[0])
        expectRefusal(.targetExists) { _ = try Journal(in: folder, fresh: true) }
        #expect(try JournalLines(contentsOf: first.path).entries.count == 1)
        try part.add(Self.lines[0])
      }
      #expect(try Journal(in: folder).entries.count == 1)
    }
  }

  @Test("of several journals the later line counts, also over an older one of the own journal")
  func several() throws {
    try withTemporaryFolder { folder in
      let own = try Journal(in: folder)
      let part = try Journal(in: folder, part: CasePart(2, of: 2))
      try own.add(Self.entry("a", .failed, second: 1))
      try part.add(Self.entry("a", .done, second: 2))
      try own.add(Self.entry("b", .failed, second: 4))
      try part.add(Self.entry("b", .done, second: 3))
      // Of one second: what is done.
      try own.add(Self.entry("c", .started, second: 5))
      try part.add(Self.entry("c", .done, second: 5))
      let events = try Journal.entries(in: folder).mapValues(\.event)
      #expect(events == ["a": .done, "b": .failed, "c": .done])
      #expect(own.entry(of: "a")?.event == .failed)
      try own.takeInOthers()
      #expect(own.entries.mapValues(\.event) == events)
      #expect(Journal.names(in: folder) == ["voxtile-part-2-of-2.journal", "voxtile.journal"])
      #expect(try Journal.entries(in: "\(folder)/none").isEmpty)
    }
  }

  @Test("a fresh journal has none of the older lines")
  func fresh() throws {
    try withTemporaryFolder { folder in
      try Journal(in: folder).add(Self.lines[1])
      #expect(try Journal(in: folder, fresh: true).entries.isEmpty)
      #expect(try fileBytes("\(folder)/\(Journal.name())").isEmpty)
    }
  }

  @Test("a folder in which nothing can be written is an error")
  func folders() {
    expectRefusal(.fileAccess, Journal.name()) { _ = try Journal(in: "/none/here") }
  }
}
