import Foundation
import Testing
import Voxtile
import VoxtileTestSupport

@testable import VoxtileFormats

/// A chunk counts only where it is that of its patch, and of these predictions.
@Suite("Checksums of predictions") struct ZarrPredictionsChecksumTests {
  private static let patch = Extent(width: 2, height: 3, depth: 2)

  private func begin(
    _ path: String, record: String = #"{"a": 1}"#, weights: [Float]? = nil
  ) throws -> ZarrPredictions {
    try ZarrPredictions.begin(
      at: path, shape: .init(patches: 3, channels: 1, patch: Self.patch), record: Array(record.utf8),
      weights: weights)
  }

  private func keep(_ store: ZarrPredictions) throws {
    for patch in 0..<2 {
      let values = (0..<12).map { Float(100 * patch + $0) }
      try store.keep(values.span, extent: Self.patch, ofPatch: patch)
    }
  }

  private func chunk(_ path: String, _ patch: Int) -> String { "\(path)/predictions/c/\(patch)/0/0/0/0" }

  private func checksum(_ path: String, _ patch: Int) -> String { "\(path)/checksums/c/\(patch)" }

  private func swapFiles(_ first: String, _ second: String) throws {
    let bytes = try (fileBytes(first), fileBytes(second))
    try writeFile(bytes.1, to: first)
    try writeFile(bytes.0, to: second)
  }

  private func expectDamaged(_ path: String, _ patch: Int, _ words: String) throws {
    let store = try ZarrPredictions(at: path)
    #expect {
      try store.prediction(ofPatch: patch, extent: Self.patch)
    } throws: { error in
      (error as? VoxtileError)?.code == .malformedFile && "\(error)".contains(words)
        && "\(error)".contains("remove the file and predict the patch again")
    }
  }

  @Test("chunks that changed places are found, also together with their checksums")
  func swapped() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/p.zarr"
      try keep(begin(path))
      try swapFiles(chunk(path, 0), chunk(path, 1))
      for patch in 0..<2 { try expectDamaged(path, patch, "not what was predicted of patch \(patch)") }
      try swapFiles(checksum(path, 0), checksum(path, 1))
      for patch in 0..<2 { try expectDamaged(path, patch, "not what was predicted of patch \(patch)") }
      try swapFiles(chunk(path, 0), chunk(path, 1))
      try swapFiles(checksum(path, 0), checksum(path, 1))
      #expect(try ZarrPredictions(at: path).prediction(ofPatch: 1, extent: Self.patch)?[3] == 103)
    }
  }

  @Test("a chunk of other predictions is found, also together with its checksum")
  func otherPredictions() throws {
    try withTemporaryFolder { folder in
      let (path, other) = ("\(folder)/p.zarr", "\(folder)/other.zarr")
      try keep(begin(path))
      let others = try begin(other, record: #"{"a": 2}"#)
      let values = [Float](repeating: 7, count: 12)
      try others.keep(values.span, extent: Self.patch, ofPatch: 0)
      try writeFile(fileBytes(chunk(other, 0)), to: chunk(path, 0))
      try expectDamaged(path, 0, "not what was predicted of patch 0")
      try writeFile(fileBytes(checksum(other, 0)), to: checksum(path, 0))
      try expectDamaged(path, 0, "not what was predicted of patch 0")
    }
  }

  @Test("a missing checksum is named, and one that a killed run has not written is written by the next")
  func missing() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/p.zarr"
      try keep(begin(path))
      try FileManager.default.removeItem(atPath: checksum(path, 0))
      try expectDamaged(path, 0, "has no checksum: \(checksum(path, 0)) is not there")
      for left in [[], [1, 2], [1, 2, 3, 4], [1, 2, 3, 4, 5]] as [[UInt8]] {
        try writeFile(left, to: checksum(path, 1))
        try expectDamaged(
          path, 1,
          left.count == 4
            ? "not what was predicted of patch 1"
            : "has a damaged checksum: \(checksum(path, 1)) has \(left.count) bytes, not 4")
        try keep(ZarrPredictions(at: path))
        #expect(try ZarrPredictions(at: path).prediction(ofPatch: 1, extent: Self.patch)?[0] == 100)
      }
    }
  }

  @Test("the weights of other predictions are found")
  func weights() throws {
    try withTemporaryFolder { folder in
      let (path, other) = ("\(folder)/p.zarr", "\(folder)/other.zarr")
      let weights = (0..<12).map { Float($0) }
      #expect(try begin(path, weights: weights).weights() == weights)
      _ = try begin(other, weights: weights.reversed())
      try writeFile(fileBytes("\(other)/weights/c/0/0/0"), to: "\(path)/weights/c/0/0/0")
      #expect {
        try ZarrPredictions(at: path).weights()
      } throws: { "\($0)".contains("weights/c/0/0/0: holds the weights of other predictions") }
    }
  }
}
