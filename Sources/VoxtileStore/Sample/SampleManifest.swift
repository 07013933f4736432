import Voxtile
import VoxtileFormats

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// What is in a folder of training patches, as `voxtile-samples.json` says it.
public struct SampleManifest: Codable, Sendable {
  /// The name of the file in the folder.
  public static let fileName = "voxtile-samples.json"

  /// What was asked for.
  public struct Settings: Codable, Hashable, Sendable {
    /// The size of a patch: width, height, depth.
    public var patch: [Int]
    public var seed: UInt64
    public var layout: String
    /// The plan in words, for a person.
    public var plan: String
    /// What voxels of images outside a scan are, such as `constant:0`.
    public var padding: String
    /// What labels outside a scan are.
    public var labelPadding: Int
    /// New labels for some labels; `nil` where labels stay.
    public var labelMap: [String: Int]?
  }

  /// A file that was read.
  public struct Source: Codable, Hashable, Sendable {
    /// Its path, relative to the folder of the set.
    public var path: String
    /// The CRC-32 of its bytes.
    public var checksum: String
  }

  /// A component of a scan.
  public struct Component: Codable, Hashable, Sendable {
    /// Its number in the scan, from 1 on.
    public var id: Int
    public var label: Int
    public var voxels: Int
    /// Its first voxel and its size, x first.
    public var start: [Int]
    public var extent: [Int]
    /// How many patches hold it whole.
    public var patches: Int
  }

  /// A scan.
  public struct Scan: Codable, Hashable, Sendable {
    public var name: String
    public var images: [Source]
    public var labels: Source
    public var extent: [Int]
    public var affine: [[Double]]
    /// The number of voxels of each label.
    public var voxels: [String: Int]
    public var components: [Component]
    /// `training` or `validation`.
    public var split: String
  }

  /// Why a patch was chosen: `cover`, `label`, `foreground`, `component`, `negative`, `hard` or `anywhere`, and by what.
  public struct Reason: Codable, Hashable, Sendable {
    public var kind: String
    public var component: Int?
    public var label: Int?
    public var voxel: [Int]?
  }

  /// A patch.
  public struct Patch: Codable, Hashable, Sendable {
    public var scan: String
    public var number: Int
    /// The voxel of the scan at which it starts, x first.
    public var start: [Int]
    /// The files of its channels and labels; `nil` where none were written.
    public var images: [String]?
    public var labels: String?
    public var imageChecksums: [String]?
    public var labelChecksum: String?
    public var reason: Reason
    /// The number of voxels of each label.
    public var voxels: [String: Int]
    public var tissue: Int?
    public var tries: Int
    public var relaxed: [String]?
  }

  public var version = 1
  public var settings: Settings
  public var scans: [Scan]
  public var patches: [Patch]

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
