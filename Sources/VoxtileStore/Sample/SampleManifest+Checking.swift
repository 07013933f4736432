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
    let names = Set(scans.map(\.name))
    guard names.count == scans.count else {
      throw VoxtileError(.malformedFile, "names a scan twice; make the set again")
    }
    guard patches.allSatisfy({ names.contains($0.scan) }) else {
      throw VoxtileError(.malformedFile, "has a patch of a scan that it does not name; make the set again")
    }
    guard Set(patchFiles).count == patchFiles.count else {
      throw VoxtileError(.malformedFile, "names a file of a patch twice; make the set again")
    }
    // All layouts but Voxtile's own have a file that says what the patches are.
    let named = Set((files ?? [:]).keys)
    let needsFiles = settings.layout != SampleLayout.voxtile.rawValue && withFiles > 0
    guard named.isSubset(of: ownFiles), !needsFiles || named.contains("dataset.json") else {
      throw VoxtileError(
        .malformedFile, "does not name the files of the layout \(settings.layout); make the set again")
    }
    guard Self.isSize(settings.patch), settings.options != nil, scans.allSatisfy(\.isSound),
      patches.allSatisfy(\.isSound), areAlike
    else {
      throw VoxtileError(
        .malformedFile,
        "has settings, sizes, places, counts or names that no list of samples can have; make the set again")
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
    SampleManifest.isSize(extent) && !images.isEmpty
      && [Self.split(isForTraining: true), Self.split(isForTraining: false)].contains(split)
      && affine.count == 3 && affine.allSatisfy { $0.count == 4 }
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
      && images?.count == imageChecksums?.count && (labels == nil) == (labelChecksum == nil)
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

  /// Scans of which the list says more or fewer voxels than they have, or another side than the split gives them, and components of
  /// which it says that another number of patches holds them than does.
  ///
  /// - Complexity: O(components · patches near one).
  var contradictions: [PatchStore.Finding] {
    let places = Dictionary(placesByScan.map { ($0.scan, $0.places) }) { first, _ in first }
    let training = SampleSet.training(
      scans.map(\.name), share: settings.options?.trainingShare ?? .all, seed: settings.seed)
    return scans.flatMap { scan -> [PatchStore.Finding] in
      let own = places[scan.name] ?? []
      func finding(_ message: String) -> PatchStore.Finding {
        PatchStore.Finding(kind: .different, patch: own.first ?? 0, file: Self.fileName, message: message)
      }
      var findings: [PatchStore.Finding] = []
      let (counted, all) = (scan.voxels.values.reduce(0, +), extent(of: scan).voxelCount)
      if counted != all {
        findings.append(finding("the labels of \(scan.name) have \(counted) voxels, the scan has \(all)"))
      }
      if scan.isForTraining != training.contains(scan.name) {
        findings.append(
          finding("\(scan.name) is for \(scan.split), but the split and the seed put it on the other side"))
      }
      let counts = PatchSampler.holders(
        of: scan.components.map(\.region), startingAt: own.map { region(of: patches[$0]).origin },
        patch: Extent(listed: settings.patch))
      for (component, count) in zip(scan.components, counts)
      where count != component.patches || (count > 0) != (component.coverage == .whole) {
        findings.append(
          finding(
            "\(count) patches hold component \(component.id) of \(scan.name) whole, "
              + "the list says \(component.patches) (\(component.coverage.rawValue))"))
      }
      return findings
    }
  }
}

extension SampleManifest.Scan {
  /// All its files.
  var sources: [SampleManifest.Source] { images + [labels] + [weights].compactMap(\.self) }

  /// Whether it is for training, and not for validation.
  package var isForTraining: Bool { split == Self.training }

  /// What ``split`` is of a scan for training.
  fileprivate static let training = "training"

  /// What ``split`` is of a scan.
  static func split(isForTraining: Bool) -> String { isForTraining ? training : "validation" }
}
