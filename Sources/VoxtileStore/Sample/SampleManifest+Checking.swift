import Voxtile
import VoxtileFormats

extension SampleManifest {
  /// The box of a patch.
  package func region(of patch: Patch) -> Region {
    Region(
      origin: Position(x: patch.start[0], y: patch.start[1], z: patch.start[2]),
      extent: Extent(width: settings.patch[0], height: settings.patch[1], depth: settings.patch[2]))
  }

  /// The size of a scan.
  package func extent(of scan: Scan) -> Extent {
    Extent(width: scan.extent[0], height: scan.extent[1], depth: scan.extent[2])
  }

  /// Makes sure that numbers of the file are what the rest of the program counts on.
  ///
  /// - Throws: `VoxtileError.Code.malformedFile` where they are not.
  func check() throws(VoxtileError) {
    func isSize(_ sizes: [Int]) -> Bool {
      sizes.count == 3 && sizes.allSatisfy { (1...Int(Int32.max)).contains($0) }
        && Extent(width: sizes[0], height: sizes[1], depth: sizes[2]).voxelCountIfRepresentable.map {
          $0 <= 1 << 48
        } == true
    }
    let areScansSound = scans.allSatisfy { scan in
      isSize(scan.extent) && scan.affine.count == 3 && scan.affine.allSatisfy { $0.count == 4 }
    }
    let arePatchesSound = patches.allSatisfy { patch in
      patch.start.count == 3 && patch.start.allSatisfy { abs($0) <= Int(Int32.max) }
        && ((patch.images ?? []) + [patch.labels].compactMap(\.self)).allSatisfy { name in
          !name.hasPrefix("/") && !name.split(separator: "/").contains("..")
        }
    }
    let areComponentsSound = scans.allSatisfy { scan in
      scan.components.allSatisfy { component in
        component.start.count == 3 && component.start.allSatisfy { (0...Int(Int32.max)).contains($0) }
          && isSize(component.extent)
      }
    }
    guard isSize(settings.patch), areScansSound, areComponentsSound, arePatchesSound else {
      throw VoxtileError(
        .malformedFile, "has sizes, places or names that no list of samples can have; make the set again")
    }
  }
}

extension SampleManifest {
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

  /// Components of which the list says that another number of patches holds them than does.
  ///
  /// - Complexity: O(components · patches of their scan).
  var wrongCounts: [PatchStore.Finding] {
    let places = Dictionary(placesByScan.map { ($0.scan, $0.places) }) { first, _ in first }
    return scans.flatMap { scan -> [PatchStore.Finding] in
      let own = places[scan.name] ?? []
      let regions = own.map { region(of: patches[$0]) }
      return scan.components.compactMap { component in
        let box = Region(
          origin: Position(x: component.start[0], y: component.start[1], z: component.start[2]),
          extent: Extent(
            width: component.extent[0], height: component.extent[1], depth: component.extent[2]))
        let count = regions.count { $0.intersection(box) == box }
        guard count != component.patches || (count > 0) != (component.coverage == .whole) else { return nil }
        return PatchStore.Finding(
          kind: .different, patch: own.first ?? 0, file: Self.fileName,
          message: "\(count) patches hold component \(component.id) of \(scan.name) whole, "
            + "the list says \(component.patches) (\(component.coverage.rawValue))")
      }
    }
  }
}
