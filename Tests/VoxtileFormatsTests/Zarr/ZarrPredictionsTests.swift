import Foundation
import Testing
import Voxtile
import VoxtileTestSupport

@testable import VoxtileFormats

/// Predictions of patches in a folder, which several processes fill.
@Suite("ZarrPredictions") struct ZarrPredictionsTests {
  private static let patch = Extent(width: 4, height: 3, depth: 2)

  private func begin(
    _ path: String, record: String = #"{"a": 1, "b": {"c": [1, 2]}}"#, isHalf: Bool = false,
    weights: [Float]? = nil
  ) throws -> ZarrPredictions {
    try ZarrPredictions.begin(
      at: path, shape: .init(patches: 7, channels: 2, patch: Self.patch, isHalf: isHalf),
      record: Array(record.utf8), weights: weights)
  }

  private func values(_ count: Int, using random: inout SplitMix64) -> [Float] {
    (0..<count).map { _ in Float.random(in: -9...9, using: &random) }
  }

  @Test("gives back what was kept: whole patches, smaller ones, and skipped ones")
  func roundTrip() throws {
    var random = SplitMix64(seed: 3)
    try withTemporaryFolder { folder in
      let store = try begin("\(folder)/p.zarr")
      let small = Extent(width: 3, height: 1, depth: 2)
      let (whole, part) = (values(48, using: &random), values(12, using: &random))
      #expect(try !store.holds(2))
      try store.keep(whole.span, extent: Self.patch, ofPatch: 2)
      try store.keep(part.span, extent: small, ofPatch: 6)
      try store.keep(nil, extent: Self.patch, ofPatch: 0)
      let opened = try ZarrPredictions(at: "\(folder)/p.zarr/")
      #expect(opened.shape == store.shape)
      #expect(try (0..<7).map(opened.holds) == [true, false, true, false, false, false, true])
      #expect(try opened.prediction(ofPatch: 2, extent: Self.patch) == whole)
      #expect(try opened.prediction(ofPatch: 6, extent: small) == part)
      #expect(try opened.prediction(ofPatch: 0, extent: Self.patch) == nil)
      #expect(try opened.weights() == nil)
      // Kept once more: the same again.
      try store.keep(whole.span, extent: Self.patch, ofPatch: 2)
      #expect(try opened.prediction(ofPatch: 2, extent: Self.patch) == whole)
    }
  }

  @Test("half as many bits hold the nearest numbers, and those that are too large are refused")
  func half() throws {
    try withTemporaryFolder { folder in
      let weights = (0..<24).map { Float($0) / 7 }
      let store = try begin("\(folder)/p.zarr", isHalf: true, weights: weights)
      let whole = (0..<48).map { Float($0) / 3 - 5 }
      try store.keep(whole.span, extent: Self.patch, ofPatch: 1)
      let opened = try ZarrPredictions(at: "\(folder)/p.zarr")
      let found = try #require(try opened.prediction(ofPatch: 1, extent: Self.patch))
      #expect(opened.shape.isHalf && zip(found, whole).allSatisfy { abs($0 - $1) <= abs($1) / 2048 })
      #expect(try opened.weights() == weights)
      let large = [Float](repeating: 70000, count: 48)
      #expect(throws: VoxtileError.self) {
        try store.keep(large.span, extent: Self.patch, ofPatch: 3)
      }
      #expect(try !store.holds(3))
    }
  }

  @Test("every number of 16 bits comes back from its bits, and others become the nearest")
  func halfBits() {
    var previous: Float = 0
    for bits in UInt16(0)..<0x7C00 {
      let number = Float(halfBits: bits)
      #expect(UInt16(halfBitsOf: number) == bits && UInt16(halfBitsOf: -number) == bits | 0x8000)
      if bits > 0 {
        // Halfway between two, the even one.
        let middle = (number + previous) / 2
        let even = bits.isMultiple(of: 2) ? bits : bits - 1
        #expect(UInt16(halfBitsOf: middle) == even)
        #expect(UInt16(halfBitsOf: middle.nextUp) == bits && UInt16(halfBitsOf: middle.nextDown) == bits - 1)
      }
      previous = number
    }
    #expect(UInt16(halfBitsOf: 65519) == 0x7BFF && UInt16(halfBitsOf: 65520) == 0x7C00)
    #expect(UInt16(halfBitsOf: .infinity) == 0x7C00 && Float(halfBits: UInt16(halfBitsOf: .nan)).isNaN)
  }

  @Test("a chunk that is damaged is named, and one that was cut off does not count")
  func damage() throws {
    var random = SplitMix64(seed: 4)
    try withTemporaryFolder { folder in
      let store = try begin("\(folder)/p.zarr")
      let whole = values(48, using: &random)
      try store.keep(whole.span, extent: Self.patch, ofPatch: 2)
      let file = "\(folder)/p.zarr/predictions/c/2/0/0/0/0"
      var bytes = try fileBytes(file)
      #expect(bytes.count == 48 * 4 + 4)
      bytes[17] ^= 4
      try writeFile(bytes, to: file)
      #expect(try store.holds(2))
      #expect {
        try store.prediction(ofPatch: 2, extent: Self.patch)
      } throws: { error in
        "\(error)".contains("c/2/0/0/0/0: is damaged") && "\(error)".contains("predict the patch again")
      }
      try writeFile(Array(bytes.dropLast()), to: file)
      #expect(try !store.holds(2))
    }
  }

  @Test("what was merged and removed takes no room, is remembered, and nothing else is taken for it")
  func removed() throws {
    try withTemporaryFolder { folder in
      let store = try begin("\(folder)/p.zarr")
      let whole = [Float](repeating: 1, count: 48)
      try store.keep(whole.span, extent: Self.patch, ofPatch: 2)
      try store.keep(nil, extent: Self.patch, ofPatch: 3)
      for patch in 1...3 { try store.remove(patch) }
      let opened = try ZarrPredictions(at: "\(folder)/p.zarr")
      #expect(try (1...4).map(opened.isRemoved) == [false, true, true, false])
      #expect(try (1...4).allSatisfy { try !opened.holds($0) })
      #expect(try !opened.isSkipped(2) && opened.isSkipped(3))
      let file = "\(folder)/p.zarr/predictions/c/2/0/0/0/0"
      #expect(try fileBytes(file).count < 20)
      try opened.remove(2)
      #expect(try opened.isRemoved(2))
      for other in [[], Array("merged!".utf8), Array("merge".utf8)] as [[UInt8]] {
        try writeFile(other, to: file)
        #expect(try !opened.isRemoved(2) && !opened.holds(2))
      }
      // Somebody who was slower puts it there again.
      try store.keep(whole.span, extent: Self.patch, ofPatch: 3)
      #expect(try opened.holds(3) && !opened.isRemoved(3))
    }
  }

  @Test("who goes on has to say the same, and the first difference is named")
  func otherRecord() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/p.zarr"
      _ = try begin(path)
      _ = try begin(path)
      for (record, words) in [
        (#"{"a": 2, "b": {"c": [1, 2]}}"#, "a is 1 there and 2 now"),
        (#"{"a": 1, "b": {"c": [1, 3]}}"#, "b.c.1 is 2 there and 3 now"),
        (#"{"a": 1}"#, "b is an object there and null now"),
      ] {
        #expect {
          _ = try begin(path, record: record)
        } throws: { "\($0)".contains(words) && ($0 as? VoxtileError)?.code == .targetExists }
      }
    }
  }

  @Test("who still runs stores nothing in a folder that was replaced by other predictions")
  func replaced() throws {
    let whole = [Float](repeating: 1, count: 48)
    try withTemporaryFolder { folder in
      let path = "\(folder)/p.zarr"
      let store = try begin(path)
      try store.keep(whole.span, extent: Self.patch, ofPatch: 1)
      try FileManager.default.removeItem(atPath: path)
      let same = try begin(path)
      try store.keep(whole.span, extent: Self.patch, ofPatch: 2)
      #expect(try same.holds(2) && !same.holds(1))
      try FileManager.default.removeItem(atPath: path)
      let other = try begin(path, record: #"{"a": 2}"#)
      #expect {
        try store.keep(whole.span, extent: Self.patch, ofPatch: 3)
      } throws: { "\($0)".contains("was replaced by another run") }
      #expect(throws: VoxtileError.self) { try store.checkIsTheSame() }
      #expect(try !other.holds(3))
      try other.checkIsTheSame()
    }
  }

  @Test("of many that begin at the same time with two records, those of one record go on")
  func beginTogether() async throws {
    for round in 0..<10 {
      try await withTemporaryFolder { folder in
        let path = "\(folder)/p.zarr"
        let begun = await withTaskGroup(of: String?.self) { group in
          for number in 0..<6 {
            group.addTask {
              let record = #"{"a": \#(number % 2)}"#
              return (try? self.begin(path, record: record, isHalf: number % 2 == 1)).map { _ in record }
            }
          }
          return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(
          begun.compactMap(\.self).count == 3 && Set(begun.compactMap(\.self)).count == 1, "round \(round)")
        let opened = try ZarrPredictions(at: path)
        #expect(opened.shape.isHalf == begun.contains { $0?.contains("1") == true })
      }
    }
  }

  @Test("a folder that holds something else is left as it is")
  func otherFolders() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/p.zarr"
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
      try writeFile([1], to: "\(path)/notes.txt")
      #expect(throws: VoxtileError.self) { _ = try begin(path) }
      #expect(try fileNames(in: path) == ["notes.txt"])
      try FileManager.default.removeItem(atPath: path)
      try Volume<UInt8>(extent: Extent(4), voxels: [UInt8](repeating: 1, count: 64)).write(to: path)
      #expect(throws: VoxtileError.self) { _ = try begin(path) }
      #expect(!ZarrPredictions.isHeld(at: path) && !ZarrPredictions.isHeld(at: folder))
      #expect(throws: VoxtileError.self) { _ = try ZarrPredictions(at: path) }
      // A run that was killed before it had said what it makes is gone on with.
      let begun = "\(folder)/q.zarr"
      _ = try begin(begun)
      try FileManager.default.removeItem(atPath: "\(begun)/zarr.json")
      _ = try begin(begun)
      #expect(ZarrPredictions.isHeld(at: begun))
      #expect {
        _ = try ImageFormats.open(begun)
      } throws: { "\($0)".contains("holds predictions of patches") }
    }
  }
}
