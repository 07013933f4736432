import Foundation
import Testing
import Voxtile
import VoxtileTestSupport

@testable import VoxtileFormats

@Suite("Parts of Zarr", .enabled(if: ZarrTestFiles.hasLibraries, "needs libzstd and libblosc"))
struct ZarrPartsTests {
  @Test("a strided copy moves each value to its place, whatever the order of axes in both arrays")
  func stridedCopy() {
    var random = SplitMix64(seed: 7)
    for _ in 0..<300 {
      let size = [1, 2, 4, 8].randomElement(using: &random) ?? 1
      let shape = (0..<Int.random(in: 1...4, using: &random)).map { _ in Int.random(in: 1...5, using: &random)
      }
      func strides() -> [Int] {
        let order = shape.indices.shuffled(using: &random)
        var strides = [Int](repeating: 0, count: shape.count)
        for (axis, stride) in zip(order, order.map { shape[$0] }.strides(of: size)) { strides[axis] = stride }
        return strides
      }
      let (from, to) = (strides(), strides())
      let counts = shape.map { Int.random(in: 1...$0, using: &random) }
      let bytes = (0..<shape.reduce(size, *)).map { _ in UInt8.random(in: 0...255, using: &random) }
      var expected = [UInt8](repeating: 0, count: bytes.count)
      var found = expected
      var grid: [[Int]] = [[]]
      for count in counts { grid = grid.flatMap { index in (0..<count).map { index + [$0] } } }
      for index in grid {
        let (a, b) = (
          zip(index, from).reduce(0) { $0 + $1.0 * $1.1 }, zip(index, to).reduce(0) { $0 + $1.0 * $1.1 }
        )
        for byte in 0..<size { expected[b + byte] = bytes[a + byte] }
      }
      bytes.withUnsafeBytes { source in
        found.withUnsafeMutableBytes { target in
          guard let source = source.baseAddress, let target = target.baseAddress else { return }
          StridedCopy(counts: counts, byteCount: size).run(
            from: source, strides: from, to: target, strides: to)
        }
      }
      #expect(found == expected, "\(shape), \(counts), \(from) to \(to)")
    }
  }

  @Test("the parts of a box cover it once, chunk by chunk, for every box of a small grid")
  func grid() {
    let grid = ChunkGrid(shape: [5, 7], chunkShape: [2, 3])
    for a in 0..<5 {
      for b in a + 1...5 {
        for c in 0..<7 {
          for d in c + 1...7 {
            var seen: [[Int]] = []
            grid.forEachPart(of: [a..<b, c..<d]) { part in
              for y in part.inChunk[0] {
                for x in part.inChunk[1] {
                  let place = [part.chunk[0] * 2 + y, part.chunk[1] * 3 + x]
                  let inBox = [
                    part.inBox[0] + y - part.inChunk[0].lowerBound,
                    part.inBox[1] + x - part.inChunk[1].lowerBound,
                  ]
                  #expect(inBox == [place[0] - a, place[1] - c])
                  seen.append(place)
                }
              }
              let isWhole = part.inChunk[0].count == part.size[0] && part.inChunk[1].count == part.size[1]
              #expect(part.isWhole == isWhole)
            }
            #expect(Set(seen).count == seen.count && seen.count == (b - a) * (d - c))
          }
        }
      }
    }
  }

  @Test("the checksum is CRC-32C, and a changed byte of content or checksum is found")
  func checksum() throws {
    let text = Array("123456789".utf8)
    #expect(text.withUnsafeBytes { CRC32CCodec.checksum($0) } == 0xE306_9283)
    let encoded = text + [0x83, 0x92, 0x06, 0xE3]
    func decode(_ bytes: [UInt8]) throws -> [UInt8] {
      var target = [UInt8](repeating: 0, count: 9)
      let count = try target.withUnsafeMutableBytes { target in
        try bytes.withBytes { (source) throws(VoxtileError) in try CRC32CCodec().decode(source, into: target)
        }
      }
      return Array(target[..<count])
    }
    #expect(try decode(encoded) == text)
    for place in encoded.indices {
      var damaged = encoded
      damaged[place] ^= 4
      #expect(throws: VoxtileError.self) { try decode(damaged) }
    }
    #expect(throws: VoxtileError.self) { try decode([1, 2, 3]) }
  }

  @Test("units of length are millimeters, by their names in UDUNITS and by short ones")
  func units() {
    for (name, millimeters) in [
      ("millimeter", 1), ("micrometer", 1e-3), ("nanometer", 1e-6), ("meter", 1e3), ("centimeter", 10),
      ("angstrom", 1e-7),
      ("inch", 25.4), ("um", 1e-3), ("\u{B5}m", 1e-3), ("micrometre", 1e-3), ("kilometer", 1e6),
    ] { #expect(LengthUnit.millimeters(name) == millimeters, "\(name)") }
    for name in ["pixel", "", "second", "blameter", "mmm"] { #expect(LengthUnit.millimeters(name) == nil) }
  }

  @Test("fill values are whole numbers that the type holds, special names, or bits")
  func fillValues() throws {
    func fill(_ text: String, _ type: String) throws -> [UInt8]? {
      let type = try #require(ZarrDataType(name: type))
      return ZarrFillValue.bytes(of: try JSONValue(Array(text.utf8), of: "a value"), as: type)
    }
    #expect(try fill("18446744073709551615", "uint64") == [UInt8](repeating: 255, count: 8))
    #expect(
      try fill("-1", "int16") == [255, 255] && fill("3.0", "uint8") == [3] && fill("true", "bool") == [1])
    for (text, type) in [
      ("256", "uint8"), ("-1", "uint8"), ("0.5", "int32"), ("true", "uint8"), ("\"NaN\"", "int8"),
      ("null", "float32"),
      ("\"0x12\"", "float32"), ("1e999", "float64"),
    ] { #expect(try fill(text, type) == nil, "\(text) as \(type)") }
    func number(_ text: String) throws -> Float? {
      try fill(text, "float32").map { $0.withUnsafeBytes { $0.load(as: Float.self) } }
    }
    #expect(
      try number("\"-Infinity\"") == -.infinity && number("\"NaN\"")?.isNaN == true && number("0.1") == 0.1)
    #expect(try number("\"0x3f800000\"") == 1)
  }

  #if arch(arm64) || os(Linux)
    @Test("each of the 65,536 half floats becomes the number that it is")
    func halfFloats() {
      for bits in UInt16.min ... .max {
        let (found, expected) = (Float(halfBits: bits), Float(Float16(bitPattern: bits)))
        #expect(found.bitPattern == expected.bitPattern || found.isNaN && expected.isNaN, "\(bits)")
      }
    }
  #endif
}
