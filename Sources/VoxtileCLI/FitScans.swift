import ArgumentParser
import Voxtile
import VoxtileFormats
import VoxtileStore

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The scans for which a grid is proposed: those that are alike count once.
struct FitScans {
  /// What decides whether two scans need the same.
  private struct Kind: Hashable {
    let scan: GridFit.Scan
    let valueBytes: Int
    let isRandomAccess: Bool
    /// A network may see scans of one size in different orientations.
    let orientation: String
  }

  /// One reader of each kind.
  let readers: [any VolumeReader]
  /// The number of files.
  let count: Int

  /// The headers, one of each kind.
  var infos: [VolumeInfo] { readers.map(\.info) }

  /// Opens files, and all scans that are in folders.
  init(_ inputs: [String]) throws {
    var readers: [any VolumeReader] = []
    var kinds: Set<Kind> = []
    let files = try inputs.flatMap(Self.files)
    for file in files {
      let reader = try ImageFormats.open(file)
      let info = reader.info
      let kind = Kind(
        scan: .init(info), valueBytes: info.channels * info.scalarType.byteCount,
        isRandomAccess: reader.isRandomAccess, orientation: info.metadata.affine.orientation)
      if kinds.insert(kind).inserted { readers.append(reader) }
    }
    guard let first = readers.first else {
      throw ValidationError("there is no scan in \(inputs.joined(separator: ", "))")
    }
    for reader in readers where reader.info.extent.isPlanar != first.info.extent.isPlanar {
      throw ValidationError(
        "the scans are \(first.info.extent) and \(reader.info.extent); one patch cannot be 2D and 3D")
    }
    self.readers = readers
    count = files.count
  }

  private static func files(at path: String) throws -> [String] {
    guard isFolder(path) else { return [path] }
    let names = try FileManager.default.contentsOfDirectory(atPath: path).sorted()
    // The voxels of a pair lie beside its header, which is the one that is opened.
    let scans = names.filter { name in
      ImageFormats.format(forName: name) != nil && !name.hasPrefix(".") && !name.hasSuffix(".img")
        && !name.hasSuffix(".img.gz")
    }.map { path.hasSuffix("/") ? path + $0 : "\(path)/\($0)" }.filter { !isFolder($0) }
    guard !scans.isEmpty else { throw ValidationError("there is no scan in \(path)") }
    return scans
  }

  private static func isFolder(_ path: String) -> Bool {
    var isFolder = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder
  }

  /// The sizes, for a person: `181x217x181`, or the least and the largest.
  var text: String {
    let extents = Set(readers.map(\.info.extent))
    if let only = extents.first, extents.count == 1 { return "\(Console.count(count, "scan")) of \(only)" }
    let all = extents.map(\.sizes)
    func bound(_ bound: ([Int]) -> Int?) -> Extent {
      Extent(PerAxis(0).map { axis, _ in bound(all.map { $0[axis] }) ?? 1 })
    }
    return "\(Console.count(count, "scan")) of \(bound { $0.min() }) to \(bound { $0.max() })"
  }
}
