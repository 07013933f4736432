import Foundation
import Testing
import Voxtile

@testable import VoxtileFormats

@Suite("JSON in memory")
struct JSONValueTests {
  private func value(_ text: String) throws -> JSONValue { try JSONValue(Array(text.utf8), of: "a test") }

  @Test("what is written is what was read, digit by digit and key by key, in one line or many")
  func roundTrip() throws {
    let text =
      #"{"z":[1.0,1e-3,-0,18446744073709551615],"a":{"b":[],"c":{}},"t":"ü\"\\\n\u0001","n":null,"b":[true,false]}"#
    let value = try value(text)
    #expect(String(decoding: value.bytes(), as: UTF8.self) == text)
    #expect(try JSONValue(value.bytes(isIndented: true), of: "a test") == value)
    let found = try JSONSerialization.jsonObject(with: Data(value.bytes(isIndented: true))) as? NSDictionary
    #expect(found == (try JSONSerialization.jsonObject(with: Data(text.utf8)) as? NSDictionary))
  }

  @Test("numbers are whole where they are written so, or as 1.0, and never rounded silently")
  func numbers() throws {
    #expect(try value("[1,1.0,1e3]").values?.map(\.integer) == [1, 1, 1000])
    #expect(try value("[1.5,1e300,9223372036854775808,\"1\"]").values?.compactMap(\.integer) == [])
    #expect(try value("[0.1,1e999]").values?.map(\.number) == [0.1, nil])
  }

  @Test("a key that is there twice is refused, and so are more values than any metadata have")
  func refusals() {
    let many = "[" + [String](repeating: "0", count: JSONValue.maxValues).joined(separator: ",") + "]"
    for (text, words) in [
      (#"{"a":1,"b":2,"a":3}"#, "\"a\" is there twice"), (many, "more than"), ("[1", "a comma or ]"),
    ] {
      let error = #expect(throws: VoxtileError.self) { try value(text) }
      #expect(
        error?.message.contains(words) == true && error?.message.hasPrefix("is not a test: ") == true,
        "\(error?.message ?? "no error")")
    }
  }

  @Test("skipped keys are not kept, and a member that is removed is gone")
  func keys() throws {
    var value = try JSONValue(Array(#"{"a":[1,2],"b":{"a":3}}"#.utf8), of: "a test", skipping: ["a"])
    #expect(value["a"] == nil && value["b"]?["a"]?.integer == 3)
    #expect(value.remove("b") != nil && value.members.isEmpty && value.remove("b") == nil)
  }
}
