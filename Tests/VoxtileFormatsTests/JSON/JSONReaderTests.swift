import Foundation
import Testing
import Voxtile
import VoxtileTestSupport

@testable import VoxtileFormats

@Suite("JSONReader")
struct JSONReaderTests {
  /// Reads a value of any kind as Foundation would give it.
  private static func value(_ json: inout JSONReader) throws -> Any? {
    switch try json.kind() {
    case .object:
      var object: [String: Any] = [:]
      try json.object { json, key in object[key] = try value(&json) }
      return object
    case .array:
      var array: [Any] = []
      try json.array { json, index in
        #expect(index == array.count)
        array.append(try value(&json) ?? NSNull())
      }
      return array
    case .string: return try json.string(atMost: 1 << 20)
    case .number:
      guard let number = try json.number() else { throw json.failure("a number that is too large") }
      return number
    case .boolean: return try json.boolean()
    case .null:
      try json.skip()
      return NSNull()
    }
  }

  private static func read(_ bytes: [UInt8], bufferBytes: Int = 3) throws -> Any? {
    var start = 0
    var json = try JSONReader(bufferBytes: max(3, bufferBytes)) { buffer in
      let count = min(buffer.count, bytes.count - start)
      buffer.copyBytes(from: bytes[start..<start + count])
      start += count
      return count
    }
    let value = try value(&json)
    try json.finish()
    return value
  }

  /// Whether two values are the same, numbers as `Double`.
  private static func areEqual(_ a: Any?, _ b: Any?) -> Bool {
    switch (a, b) {
    case (let a as [String: Any], let b as [String: Any]):
      return a.keys == b.keys && a.allSatisfy { areEqual($0.value, b[$0.key]) }
    case (let a as [Any], let b as [Any]): return a.count == b.count && zip(a, b).allSatisfy(areEqual)
    case (let a as String, let b as String): return a == b
    case (let a as Bool, let b as Bool): return a == b
    case (is NSNull, is NSNull): return true
    case (let a as Double, let b as NSNumber):
      // Foundation reads some decimals through a type of its own, and is off in the last bit.
      return abs(a - b.doubleValue) <= 1e-15 * abs(a)
    default: return false
    }
  }

  private static let samples = [
    #"{"a":[1,-2.5e3,0,-0.0,1E-2],"b":{"c":null,"d":true,"e":false},"f":"x\"\\\/\b\f\n\r\tA😀é€","g":[]}"#,
    " [ \"\\u00e9\\ud83d\\ude00\" , { } , [ [ ] ] ,\t\n\r 12345678901234567890 , 9007199254740993 ] ",
    #""text""#, "3", "-1", "true", "null", "{}", "[]", #"{"":0}"#,
  ]

  @Test("it reads what Foundation reads, with any buffer")
  func samples() throws {
    for sample in Self.samples {
      let data = Data(sample.utf8)
      let expected = try JSONSerialization.jsonObject(with: data, options: .fragmentsAllowed)
      for bufferBytes in [3, 4, 7, 1 << 18] {
        let found = try Self.read([UInt8](data), bufferBytes: bufferBytes)
        #expect(Self.areEqual(found, expected), "\(sample)")
      }
      #expect(throws: Never.self) { try Self.read([0xEF, 0xBB, 0xBF] + data) }
    }
  }

  @Test("what it accepts, Foundation accepts and reads alike; what Foundation refuses, it refuses")
  func mutations() throws {
    let alphabet =
      Array(#"{}[]":,.\-+eEu019atrfnls "#.utf8) + [0, 0x1F, 0x7F, 0x80, 0xC3, 0xA9, 0xED, 0xF0, 0xFF]
    var accepted = 0
    for var random in SplitMix64.cases(20_000, from: 1) {
      var bytes = Array(Self.samples.randomElement(using: &random)!.utf8)
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        let index = Int.random(in: bytes.indices, using: &random)
        let byte = alphabet.randomElement(using: &random)!
        switch Int.random(in: 0..<3, using: &random) {
        case 0: bytes[index] = byte
        case 1: bytes.insert(byte, at: index)
        default: bytes.remove(at: index)
        }
        if bytes.isEmpty { bytes = [0x20] }
      }
      let expected = try? JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)
      guard let found = try? Self.read(bytes) else { continue }
      accepted += 1
      guard let expected else {
        Issue.record("accepted, but not by Foundation: \(String(decoding: bytes, as: UTF8.self)), \(random)")
        continue
      }
      // Of two equal keys Foundation may keep the other one.
      #expect(
        Self.areEqual(found, expected) || Self.hasTwins(bytes),
        "\(String(decoding: bytes, as: UTF8.self)), \(random)")
    }
    #expect(accepted > 1000)
  }

  private static func hasTwins(_ bytes: [UInt8]) -> Bool {
    let keys = String(decoding: bytes, as: UTF8.self).matches(of: /"([^"]*)"\s*:/).map { String($0.1) }
    return Set(keys).count < keys.count
  }

  @Test("what is no JSON is refused, with the place")
  func refused() {
    let cases = [
      ("", 0), ("[1,]", 3), ("[1 2]", 3), (#"{"a" 1}"#, 5), (#"{"a":1,}"#, 7), ("{1:2}", 1), ("tru", 3),
      ("01", 1), ("-", 1),
      ("1.", 2), ("1e", 2), (".5", 0), ("+1", 0), ("NaN", 0), (#""\x""#, 3), (#""\ud800""#, 8),
      (#""\udc00""#, 7), ("\"a", 2),
      ("\"\u{1}\"", 2), ("[1]]", 3), ("1 1", 2), ("[\u{0}1]", 1), (String(repeating: "[", count: 1000), 129),
      (#"{"a":}"#, 5), ("\u{FEFF}\u{FEFF}1", 3),
    ]
    for (text, offset) in cases {
      let error = #expect(throws: VoxtileError.self, "\(text.prefix(20))") {
        try Self.read(Array(text.utf8), bufferBytes: 4096)
      }
      #expect(
        error?.context.byteOffset == offset && error?.message.contains("at byte \(offset) ") == true,
        "\(text.prefix(20))")
    }
    for bytes: [UInt8] in [
      [0xFF], [0xC0, 0x80], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xC3],
    ] {
      #expect(throws: VoxtileError.self) { try Self.read([0x22] + bytes + [0x22]) }
    }
  }

  @Test("whole numbers are exact, and those that do not fit are not read")
  func integers() throws {
    let cases: [(String, Int?)] = [
      ("0", 0), ("-0", 0), ("\(Int.max)", .max), ("\(Int.min)", .min), ("9223372036854775808", nil),
      ("-9223372036854775809", nil),
      ("99999999999999999999999", nil), ("1.0", 1), ("1e3", 1000), ("1.5", nil), ("1e300", nil),
      ("1e999", nil),
    ]
    for (text, expected) in cases {
      var json = try JSONReader(Array(text.utf8))
      #expect(try json.integer() == expected, "\(text)")
      try json.finish()
    }
    var json = try JSONReader(Array("1e999".utf8))
    #expect(try json.number() == nil)
    json = try JSONReader(Array("-0".utf8))
    #expect(try json.number()?.sign == .minus)
  }

  @Test("a text is kept up to its limit, and skipped beyond it")
  func limits() throws {
    var json = try JSONReader(Array(#"["abc","abcd","\u00e9\u00e9"]"#.utf8))
    var found: [String?] = []
    try json.array { json, _ in found.append(try json.string(atMost: 3)) }
    #expect(found == ["abc", nil, nil])
    try json.finish()
  }
}
