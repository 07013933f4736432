import Testing
import Voxtile
import VoxtileTestSupport

@testable import VoxtileCases

@Suite("Separated values")
struct SeparatedValuesTests {
  private func rows(_ text: String, separator: Character = ",") throws -> [[String]] {
    try SeparatedValues(Array(text.utf8), separator: separator.asciiValue ?? 0).rows.map(\.values)
  }

  @Test("lines end with LF, CRLF or CR, the last one need not end, and a mark at the start does not count")
  func lines() throws {
    for end in ["\n", "\r\n", "\r"] {
      for last in [end, ""] {
        for mark in ["", "\u{FEFF}"] {
          #expect(try rows("\(mark)a,b\(end)1,2\(last)") == [["a", "b"], ["1", "2"]])
        }
      }
    }
  }

  @Test("a value in quotes holds separators, ends of lines and doubled quotes")
  func quotes() throws {
    #expect(
      try rows("\"a,b\",\"c\nd\",\"e\"\"f\",\"\"\n1,2,3,4") == [
        ["a,b", "c\nd", "e\"f", ""], ["1", "2", "3", "4"],
      ])
    #expect(try rows("a\tb, c\n", separator: "\t") == [["a", "b, c"]])
  }

  @Test("empty lines, and lines of separators only, as spreadsheets write them, are no rows")
  func empty() throws {
    #expect(try rows("a,b\n\n,\n\r\n1,2\n,\n") == [["a", "b"], ["1", "2"]])
    #expect(try rows("").isEmpty)
  }

  @Test("a row knows its line, also below values of several lines and empty ones")
  func lineNumbers() throws {
    let rows = try SeparatedValues(Array("a\n\n\"b\nc\"\r\nd\n".utf8), separator: 0x2C).rows
    #expect(rows.map(\.line) == [1, 3, 5])
  }

  @Test("faults name their line: a quote that is not closed, text behind one, bytes that are no UTF-8")
  func faults() {
    expectRefusal(.malformedFile, "line 2", "never closed") { _ = try rows("a\n\"b\nc") }
    expectRefusal(.malformedFile, "line 3", "after a closing quote") { _ = try rows("a\n\nb,\"c\"d") }
    expectRefusal(.malformedFile, "line 2", "UTF-8") {
      _ = try SeparatedValues([0x61, 0x0A, 0xFF], separator: 0x2C)
    }
  }

  @Test("what is written is read again, whatever it holds")
  func roundTrip() throws {
    let pieces = ["a", ",", "\"", "\n", "\r\n", "\r", "\u{301}", "é", " b", ";"]
    for var random in SplitMix64.cases(300, from: 13) {
      let values = (0..<Int.random(in: 1...4, using: &random)).map { _ in
        "x"
          + (0..<Int.random(in: 0...5, using: &random)).map { _ in
            pieces[Int.random(in: 0..<pieces.count, using: &random)]
          }.joined() + "y"
      }
      let line = values.map(SeparatedValues.quoted).joined(separator: ",")
      #expect(
        try rows(line).map { $0.map { Array($0.utf8) } } == [values.map { Array($0.utf8) }], "\(random)")
    }
  }
}
