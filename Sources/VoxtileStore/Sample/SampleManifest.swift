import Voxtile
import VoxtileFormats

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// What is in a folder of training patches, as `voxtile-samples.json` says it. `Schema/voxtile-samples-1.schema.json` describes each
/// field.
public struct SampleManifest: Codable, Sendable {
  /// The name of the file in the folder.
  public static let fileName = "voxtile-samples.json"

  /// A file that was read.
  public struct Source: Codable, Hashable, Sendable {
    /// Its path, relative to the folder of the set.
    public var path: String
    /// The CRC-32 of its bytes; where an image has several files or is a folder, that of a list of all their checksums.
    public var checksum: String
  }

  /// A component of a scan.
  public struct Component: Codable, Hashable, Sendable {
    /// Its number in the scan, from 1 on.
    public var id: Int
    /// The label of its first voxel.
    public var label: Int
    /// The number of its voxels.
    public var voxels: Int
    /// Its first voxel and its size, x first.
    public var start: [Int]
    /// Its size, x first.
    public var extent: [Int]
    /// How many patches hold it whole.
    public var patches: Int
    /// How much of it the patches hold.
    public var coverage: Coverage
  }

  /// How much of a component the patches hold.
  public enum Coverage: String, Codable, CaseIterable, Sendable {
    /// A patch holds it whole.
    case whole
    /// None does, but each of its voxels is in one.
    case tiled
    /// No patch holds it whole, and it has a voxel that is in no patch.
    case uncovered
  }

  /// A scan.
  public struct Scan: Codable, Hashable, Sendable {
    /// What it is called.
    public var name: String
    /// The files of its channels.
    public var images: [Source]
    /// The file of its labels.
    public var labels: Source
    /// The file of weights that hard places were drawn by; `nil` where there was none.
    public var weights: Source?
    /// Its size, x first.
    public var extent: [Int]
    /// From voxels to mm: three rows of four.
    public var affine: [[Double]]
    /// The number of voxels of each label.
    public var voxels: [String: Int]
    /// Its components, in the order of their first voxels.
    public var components: [Component]
    /// `training` or `validation`.
    public var split: String
  }

  /// Why a patch was chosen: `cover`, `label`, `foreground`, `component`, `negative`, `hard` or `anywhere`, and by what.
  public struct Reason: Codable, Hashable, Sendable {
    /// The kind.
    public var kind: String
    /// The number of a component.
    public var component: Int?
    /// A label.
    public var label: Int?
    /// The voxel that was drawn, x first.
    public var voxel: [Int]?
  }

  /// A patch.
  public struct Patch: Codable, Hashable, Sendable {
    /// The name of its scan.
    public var scan: String
    /// Its number among those of the scan, from 0 on.
    public var number: Int
    /// The voxel of the scan at which it starts, x first.
    public var start: [Int]
    /// The files of its channels and labels; `nil` where none were written.
    public var images: [String]?
    /// The file of its labels; `nil` where none was written.
    public var labels: String?
    /// The CRC-32 of each file of a channel.
    public var imageChecksums: [String]?
    /// The CRC-32 of the file of labels.
    public var labelChecksum: String?
    /// Why it was chosen.
    public var reason: Reason
    /// The number of voxels of each label.
    public var voxels: [String: Int]
    /// The number of its voxels that are tissue, where that was asked.
    public var tissue: Int?
    /// How many patches were drawn until this one was taken.
    public var tries: Int
    /// The rules that it does not keep; `nil` where it keeps all.
    public var relaxed: [String]?
  }

  /// The version of the list.
  public var version = 1
  /// What was asked for.
  public var settings: Settings
  /// All scans.
  public var scans: [Scan]
  /// All patches, those of one scan after another.
  public var patches: [Patch]
  /// The files beside the patches that the layout has, such as `dataset.json`, with the CRC-32 of each; `nil` where there are none.
  public var files: [String: String]?

  /// The manifest as JSON, with sorted keys.
  func json() throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    do {
      return try encoder.encode(self) + Data("\n".utf8)
    } catch {
      throw VoxtileError(
        .malformedFile, "has an affine that is not finite; repair its header", underlying: error)
    }
  }

  /// The most bytes of a manifest.
  private static let maxBytes = 1 << 30

  /// Reads the manifest of a folder.
  ///
  /// - Throws: `VoxtileError.Code.fileAccess` where it cannot be read, `VoxtileError.Code.malformedFile` where it is none.
  public init(contentsOf path: String) throws {
    let file = try InputFile(path)
    do {
      guard file.byteCount <= Self.maxBytes else {
        throw VoxtileError(
          .malformedFile, "has \(file.byteCount) bytes; a list of samples has at most \(Self.maxBytes)")
      }
      self = try JSONDecoder().decode(Self.self, from: Data(file.bytes(at: 0, count: file.byteCount)))
      guard version == 1 else {
        throw VoxtileError(
          .malformedFile, "is of version \(version), this program reads version 1; use a newer one",
          context: .init(expected: "1", found: "\(version)"))
      }
      try check()
    } catch let error as VoxtileError {
      throw error.inFile(path)
    } catch {
      throw VoxtileError(
        .malformedFile, "is no list of samples", context: .init(file: path), underlying: error)
    }
  }
}
