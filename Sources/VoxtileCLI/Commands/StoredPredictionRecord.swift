import Voxtile
import VoxtileFormats
import VoxtileInference

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// What is known of predictions that are kept: what they were made from and with, and how they become an image.
///
/// It stands in the folder of the predictions. Everybody who adds to them has to say the same: parts are made with the same files,
/// settings, engine, number of threads and batch, so that their predictions have the bits of one run. Files are named without their
/// folders, and known by their digests.
struct StoredPredictionRecord: Codable {
  var version = 1
  var program = PredictionRecord.Program()
  var engine: PredictionRecord.Engine
  /// How many threads the engine works with.
  var threads: Int
  /// The files of each network; the mean of several networks was predicted.
  var networks: [[PredictionRecord.File]]
  var inputs: [PredictionRecord.File]
  var mask: [PredictionRecord.File]?
  var settings: PredictionRecordSettings
  var warnings: [String]
  /// How the scan is normalized.
  var normalization: Intensities
  /// How predictions of patches become an image.
  var layout: PredictionLayoutDocument

  /// What was found out of the intensities of the scan.
  struct Intensities: Codable {
    /// The normalization of each channel, so that other parts need not find it out; `nil` where they have to.
    var maps: [IntensityMap]?
  }

  /// Which file is another one than in an earlier record, in words; `nil` where all are the same.
  func changedFile(since earlier: StoredPredictionRecord) -> String? {
    let parts: [(what: String, now: [PredictionRecord.File], before: [PredictionRecord.File])] = [
      ("the scan", inputs, earlier.inputs), ("the mask", mask ?? [], earlier.mask ?? []),
      ("the network", networks.flatMap(\.self), earlier.networks.flatMap(\.self)),
    ]
    guard let part = parts.first(where: { $0.now != $0.before }) else { return nil }
    let differing = zip(part.before, part.now).first { $0 != $1 }
    guard part.now.count == part.before.count, let (before, now) = differing else {
      return "\(part.what) had \(part.before.count) files there, and has \(part.now.count) now"
    }
    return before.name == now.name
      ? "\(part.what) \(now.name) has other content now"
      : "\(part.what) was \(before.name) there, and is \(now.name) now"
  }

  /// What is known of the predictions in a folder; `nil` where it holds none, or those of another version.
  static func earlier(at path: String) -> StoredPredictionRecord? {
    guard ZarrPredictions.isHeld(at: path), let kept = try? ZarrPredictions(at: path) else { return nil }
    return try? JSONDecoder().decode(StoredPredictionRecord.self, from: Data(kept.record))
  }

  /// Makes sure that a folder, if it holds predictions, holds none of another scan or by another network.
  ///
  /// - Parameter earlier: what is known of the predictions in the folder.
  /// - Throws: `VoxtileError.Code.targetExists` with the file that is another one. Other differences are found by whoever begins to store.
  func checkFits(_ earlier: StoredPredictionRecord?, at path: String) throws(VoxtileError) {
    guard let earlier, let change = changedFile(since: earlier) else { return }
    throw VoxtileError(
      .targetExists, "holds predictions of other files: \(change); name another folder, or remove that one",
      context: .init(file: path))
  }

  /// As JSON, with sorted keys.
  func json() throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do {
      return [UInt8](try encoder.encode(self))
    } catch {
      throw VoxtileError(
        .malformedFile, "the scan has an affine that is not finite; repair its header", underlying: error)
    }
  }

  /// Reads what is known of predictions, and takes them to be merged.
  static func open(_ store: ZarrPredictions) throws -> (StoredPredictionRecord, StoredPredictions) {
    let record: StoredPredictionRecord
    do {
      record = try JSONDecoder().decode(StoredPredictionRecord.self, from: Data(store.record))
    } catch {
      throw VoxtileError(
        .malformedFile,
        "says of its predictions what this version does not understand; use the version that made them",
        context: .init(file: store.path), underlying: error)
    }
    do throws(VoxtileError) {
      guard record.version == 1 else {
        throw VoxtileError(
          .unsupportedFormat,
          "holds predictions of version \(record.version), and this program reads version 1; use a newer one",
          context: .init(expected: "1", found: "\(record.version)"))
      }
      let layout = try record.layout.layout(denseWeights: try store.weights())
      let expected = ZarrPredictions.Shape(layout, isHalf: store.shape.isHalf)
      guard expected == store.shape else {
        throw VoxtileError(
          .malformedFile,
          "has \(store.shape.patches) patches of \(store.shape.channels) x \(store.shape.patch), but its layout says "
            + "\(expected.patches) of \(expected.channels) x \(expected.patch)")
      }
      return (record, StoredPredictions(layout, in: store))
    } catch {
      throw error.inFile(store.path)
    }
  }
}

extension ZarrPredictions.Shape {
  /// What is kept where predictions have a layout.
  init(_ layout: PredictionLayout, isHalf: Bool) {
    self.init(
      patches: layout.grid.count, channels: layout.channels, patch: layout.grid.patch, isHalf: isHalf)
  }
}
