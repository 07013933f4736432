import Voxtile
import VoxtileFormats

extension SampleManifest {
  /// The box of a patch.
  package func region(of patch: Patch) -> Region {
    Region(origin: Position(listed: patch.start), extent: Extent(listed: settings.patch))
  }

  /// The size of a scan.
  package func extent(of scan: Scan) -> Extent { Extent(listed: scan.extent) }

  /// Makes sure that numbers of the file are what the rest of the program counts on.
  ///
  /// - Throws: `VoxtileError.Code.malformedFile` where they are not.
  func check() throws(VoxtileError) {
    let withFiles = patches.count { $0.labels != nil && $0.images?.isEmpty == false }
    let areAlike =
      withFiles == patches.count
      || patches.allSatisfy { $0.labels == nil && $0.images == nil }
    guard Self.isSize(settings.patch), scans.allSatisfy(\.isSound), patches.allSatisfy(\.isSound), areAlike
    else {
      throw VoxtileError(
        .malformedFile,
        "has sizes, places, counts or names that no list of samples can have; make the set again")
    }
  }

  /// The most voxels of an image: so few that the counts of all scans and patches of a list can be added.
  fileprivate static let mostVoxels = 1 << 40

  fileprivate static func isSize(_ sizes: [Int]) -> Bool {
    sizes.count == 3 && sizes.allSatisfy { (1...Int(Int32.max)).contains($0) }
      && Extent(width: sizes[0], height: sizes[1], depth: sizes[2]).voxelCountIfRepresentable.map {
        $0 <= mostVoxels
      } == true
  }

  fileprivate static func isPlace(_ place: [Int]) -> Bool {
    place.count == 3 && place.allSatisfy { (-Int(Int32.max)...Int(Int32.max)).contains($0) }
  }

  /// Whether counts are those of parts of one image.
  fileprivate static func areCounts(_ counts: some Collection<Int>) -> Bool {
    counts.allSatisfy { (0...mostVoxels).contains($0) }
      && counts.reduce(0) { min(2 * mostVoxels, $0 + $1) } <= mostVoxels
  }
}

extension SampleManifest.Component {
  /// Its box.
  package var region: Region { Region(origin: Position(listed: start), extent: Extent(listed: extent)) }
}

extension Position {
  /// - Parameter numbers: three, x first.
  package init(listed numbers: [Int]) { self.init(x: numbers[0], y: numbers[1], z: numbers[2]) }
}

extension Extent {
  /// - Parameter numbers: three, x first.
  package init(listed numbers: [Int]) {
    self.init(width: numbers[0], height: numbers[1], depth: numbers[2])
  }
}

extension SampleManifest.Scan {
  fileprivate var isSound: Bool {
    SampleManifest.isSize(extent) && affine.count == 3 && affine.allSatisfy { $0.count == 4 }
      && SampleManifest.areCounts(voxels.values)
      && components.allSatisfy { component in
        SampleManifest.isPlace(component.start) && component.start.allSatisfy { $0 >= 0 }
          && SampleManifest.isSize(component.extent) && component.id > 0 && component.patches >= 0
          && SampleManifest.areCounts([component.voxels])
      }
  }
}

extension SampleManifest.Patch {
  fileprivate var isSound: Bool {
    SampleManifest.isPlace(start) && number >= 0 && SampleManifest.areCounts(voxels.values)
      && SampleManifest.areCounts([tissue ?? 0]) && (reason.component ?? 1) > 0
      && reason.voxel.map(SampleManifest.isPlace) != false
      && ((images ?? []) + [labels].compactMap(\.self)).allSatisfy { name in
        !name.hasPrefix("/") && !name.split(separator: "/").contains("..")
      }
  }
}

extension SampleManifest {
  /// The files of all patches, below the folder of the set.
  package var patchFiles: [String] {
    patches.flatMap { ($0.images ?? []) + [$0.labels].compactMap(\.self) }
  }

  /// The files beside the patches that a set of its layout has.
  var ownFiles: Set<String> {
    settings.layout == SampleLayout.voxtile.rawValue
      ? [Self.fileName] : [Self.fileName, "dataset.json", "splits_final.json"]
  }

  /// The places of the patches of each scan in the list, in the order of the list.
  package var placesByScan: [(scan: String, places: [Int])] {
    var numbers: [String: Int] = [:]
    var groups: [(scan: String, places: [Int])] = []
    for (place, patch) in patches.enumerated() {
      if let number = numbers[patch.scan] {
        groups[number].places.append(place)
      } else {
        numbers[patch.scan] = groups.count
        groups.append((patch.scan, [place]))
      }
    }
    return groups
  }

  /// Scans of which the list says more or fewer voxels than they have, and components of which it says that another number of
  /// patches holds them than does.
  ///
  /// - Complexity: O(components · patches of their scan).
  var wrongCounts: [PatchStore.Finding] {
    let places = Dictionary(placesByScan.map { ($0.scan, $0.places) }) { first, _ in first }
    return scans.flatMap { scan -> [PatchStore.Finding] in
      let own = places[scan.name] ?? []
      let regions = own.map { region(of: patches[$0]) }
      func finding(_ message: String) -> PatchStore.Finding {
        PatchStore.Finding(kind: .different, patch: own.first ?? 0, file: Self.fileName, message: message)
      }
      let (counted, all) = (scan.voxels.values.reduce(0, +), extent(of: scan).voxelCount)
      let counts =
        counted == all
        ? [] : [finding("the labels of \(scan.name) have \(counted) voxels, the scan has \(all)")]
      return counts
        + scan.components.compactMap { component in
          let box = component.region
          let count = regions.count { $0.intersection(box) == box }
          guard count != component.patches || (count > 0) != (component.coverage == .whole) else {
            return nil
          }
          return finding(
            "\(count) patches hold component \(component.id) of \(scan.name) whole, "
              + "the list says \(component.patches) (\(component.coverage.rawValue))")
        }
    }
  }
}
