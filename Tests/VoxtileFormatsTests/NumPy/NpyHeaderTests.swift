import Testing
import Voxtile

@testable import VoxtileFormats

@Suite("The header of a NumPy array")
struct NpyHeaderTests {
  private func header(_ text: String) throws(VoxtileError) -> NpyHeader {
    try NpyHeader(text: Array(text.utf8))
  }

  @Test(
    "quotes, order of keys, blanks, a missing last comma and long integers of Python 2 are as Python allows")
  func variants() throws {
    for text in [
      "{'descr': '<i2', 'fortran_order': False, 'shape': (3, 4, 5), }",
      "{\"shape\":(3,4,5,),\"fortran_order\":False,\"descr\":\"<i2\"}\n",
      "  { 'descr' : '<i2' , 'fortran_order' : False , 'shape' : ( 3L , 4L , 5L ) } \n",
    ] {
      let header = try header(text)
      #expect(
        header.type == .plain(.int16) && header.byteOrder == .little && !header.isFortranOrder, "\(text)")
      #expect(header.axes == [3, 4, 5], "\(text)")
    }
    #expect(try header("{'descr': '>f2', 'fortran_order': True, 'shape': (7,)}").axes == [7])
    #expect(try header("{'descr': '|b1', 'fortran_order': True, 'shape': ()}").axes.isEmpty)
  }

  @Test("anything else is refused, and nothing is evaluated")
  func faults() {
    let whole = "{'descr': '<i2', 'fortran_order': False, 'shape': (3, 4, 5), }"
    for (old, new, words) in [
      ("(3, 4, 5)", "(3, 4, 5", "a whole number"), ("(3, 4, 5)", "(3, -4, 5)", "a whole number"),
      ("(3, 4, 5)", "(5)", "a comma"), ("(3, 4, 5)", "(3 4)", "a comma"),
      ("(3, 4, 5)", "(3, 4.5)", "a comma"),
      ("(3, 4, 5)", "(99999999999999999999, 1)", "a whole number"), ("(3, 4, 5)", "(3*4, 5)", "a comma"),
      ("(3, 4, 5)", "3", "a text"), ("(3, 4, 5)", "True", "shape is flag(true)"),
      ("False", "0", "a text"), ("False", "__import__('os')", "a text"),
      ("'<i2'", "'<i\\x32'", "plain characters"),
      ("'<i2'", "'" + String(repeating: "a", count: 65) + "'", "plain characters"),
      ("'<i2'", "'i2'", "a type such as"),
      ("'<i2'", "'|i2'", "a byte order"), ("'<i2'", "'<i3'", "a type such as"),
      ("'<i2'", "''", "a type such as"),
      ("'shape'", "'descr'", "to have the keys"), ("'shape'", "'shapes'", "to have the keys"),
      (", }", "} x", "nothing after the dictionary"), (", }", "", "'}'"), ("{", "", "'{'"),
      ("': ", "' ", "':'"),
    ] {
      guard let range = whole.firstRange(of: old) else { continue }
      let text = whole.replacingCharacters(in: range, with: new)
      let error = #expect(throws: VoxtileError.self, "\(text)") { try header(text) }
      #expect(error?.code == .malformedFile, "\(text)")
      let isNamed = error?.message.contains(words) == true || words == "'}'"
      #expect(isNamed, "\(text): \(error?.message ?? "")")
    }
    let many = "(" + String(repeating: "1, ", count: 65) + ")"
    #expect(throws: VoxtileError.self) { try header(whole.replacing("(3, 4, 5)", with: many)) }
    let entries = "{" + String(repeating: "'a': True, ", count: 17) + "}"
    #expect(throws: VoxtileError.self) { try header(entries) }
  }

  @Test("a shape of more bytes than can be is refused without being multiplied out")
  func hugeShapes() throws {
    for axes in [[Int.max, 2], [1 << 30, 1 << 30, 1 << 30], [1 << 40, 1 << 20]] {
      let error = #expect(throws: VoxtileError.self) { try NpyShape(NpyHeader(.uint8, axes: axes)) }
      #expect(error?.message.contains("2^60") == true)
    }
  }

  @Test("what is written begins the array at a multiple of 64 bytes, and is understood as what was written")
  func written() throws {
    for axes in [[1, 1], [3, 4, 5], [2, 3, 4, 5], [1 << 40, 1 << 10, 1 << 8, 7]] {
      for type in ScalarType.allCases {
        let header = NpyHeader(type, axes: axes)
        #expect(header.bytes.count % 64 == 0 && header.bytes.count == header.byteCount)
        let read = try NpyHeader { (count) throws(VoxtileError) in Array(header.bytes.prefix(count)) }
        #expect(read == header)
      }
    }
    for type in [ScalarType.uint8, .int16] {
      for (extent, channels, rank) in [
        (Extent(width: 3, height: 5, depth: 7), 1, 3), (Extent(width: 4, height: 5, depth: 1), 1, 3),
        (Extent(width: 3, height: 5), 1, 2), (Extent(width: 5, height: 6), 3, 2),
        (Extent(width: 5, height: 6), 4, 3),
        (Extent(width: 3, height: 5, depth: 7), 4, 3), (Extent(width: 9, height: 5, depth: 7), 1, 3),
      ] {
        let info = VolumeInfo(
          extent: extent, channels: channels, scalarType: type, metadata: VolumeMetadata(spatialRank: rank))
        let shape = try NpyShape(NpyHeader(type, axes: NpyShape(writing: info).axes))
        #expect(shape.extent == extent && shape.channels == channels, "\(extent) \(channels) \(type)")
        #expect(shape.isColor == (type == .uint8 && channels == 3 && rank == 2))
      }
    }
  }

  #if !(os(macOS) && arch(x86_64))
    @Test("each number of 16 bits becomes the same number of 32 bits")
    func halves() {
      for bits in UInt16.min...UInt16.max {
        let (found, expected) = (Float(halfBits: bits), Float(Float16(bitPattern: bits)))
        #expect(found.bitPattern == expected.bitPattern || found.isNaN && expected.isNaN)
      }
    }
  #endif
}
