import Voxtile
import VoxtileFormats

/// What the position in a patch file says about the box that it holds.
enum PatchPlacement {
  /// The box lies where it was cut, or the file says nothing about its position.
  case asCut
  /// The box lies where it was cut, but its axes were permuted or reversed.
  case turned(FileAxes)
  /// The box lies somewhere else; the words say where.
  case elsewhere(String)

  /// How far positions may differ, in voxels: what single precision, quaternions and text headers round off.
  private static let tolerance = 0.1

  /// Compares a file with the patch that it should hold.
  ///
  /// - Parameters:
  ///   - found: what the file says.
  ///   - patch: the patch.
  ///   - manifest: the crop that it is from.
  init(of found: VolumeInfo, as patch: Patch, in manifest: Manifest) {
    guard found.metadata.place == .world else {
      // Axes that are made up say nothing, not even that they were turned.
      self = Self.recorded(patch, in: manifest)
      return
    }
    let cut = manifest.source.metadata.affine.moved(to: patch.region.origin)
    let affine = found.metadata.affine
    if let axes = FileAxes(of: affine, in: cut) {
      let corner = axes.firstVoxel(in: found.extent)
      let place = affine.world(x: Double(corner.x), y: Double(corner.y), z: Double(corner.z))
      if Self.isNear(place, cut.world(x: 0, y: 0, z: 0), spacing: cut.spacing) {
        self = axes == .asInImage ? .asCut : .turned(axes)
        return
      }
    }
    self =
      Self.saysNothing(affine, extent: found.extent)
      ? Self.recorded(patch, in: manifest) : .elsewhere(Self.words(affine, as: patch, in: manifest))
  }

  /// Compares a file with the patch that it should hold; where its format has no position, or that does not count, the manifest says how
  /// the patch lies in it.
  ///
  /// - Parameters:
  ///   - file: its name.
  ///   - ignoresPosition: whether the position does not count.
  init(
    of found: VolumeInfo, as patch: Patch, in manifest: Manifest, file: String, ignoresPosition: Bool = false
  ) {
    self =
      Self.isKept(in: file) && !ignoresPosition
      ? Self(of: found, as: patch, in: manifest) : Self.recorded(patch, in: manifest)
  }

  /// Whether the format of a file keeps positions.
  static func isKept(in file: String) -> Bool {
    ImageFormats.registry.format(forName: file)?.keepsPlace ?? true
  }

  /// Where the manifest says that the patch lies in its file.
  private static func recorded(_ patch: Patch, in manifest: Manifest) -> PatchPlacement {
    let axes = manifest.entries[patch.index].axes
    return axes == .asInImage ? .asCut : .turned(axes)
  }

  /// What is wrong with the position of a file.
  static func words(_ found: Affine, as patch: Patch, in manifest: Manifest) -> String {
    let cut = manifest.source.metadata.affine
    func start(of patch: Patch) -> PerAxis<Double> {
      cut.moved(to: patch.region.origin).world(x: 0, y: 0, z: 0)
    }
    let (place, due) = (found.world(x: 0, y: 0, z: 0), start(of: patch))
    guard !isNear(place, due, spacing: cut.spacing) else {
      return "has the axes \(text(found)), but patch \(patch.index) was cut with \(text(cut))"
    }
    let other = manifest.grid.first {
      $0.index != patch.index && isNear(place, start(of: $0), spacing: cut.spacing)
    }
    return "says that it starts at \(text(place)) mm" + (other.map { ", where patch \($0.index) lies" } ?? "")
      + ", but patch \(patch.index) starts at \(text(due)) mm"
  }

  /// Whether two places are less than a part of a voxel apart.
  private static func isNear(_ a: PerAxis<Double>, _ b: PerAxis<Double>, spacing: PerAxis<Double>) -> Bool {
    let limit = tolerance * (spacing.all.filter { $0 > 0 }.min() ?? 1)
    return zip(a.all, b.all).allSatisfy { abs($0 - $1) <= limit }
  }

  /// Whether an affine only has voxel sizes, as tools write it that know no position: axes along those of the world, and
  /// the first or the central voxel at the origin.
  private static func saysNothing(_ affine: Affine, extent: Extent) -> Bool {
    let rows = affine.rows
    for row in 0..<3 {
      for column in 0..<3 where row != column && rows[row][column] != 0 { return false }
    }
    return rows.allSatisfy { $0[3] == 0 }
      || zip(rows.enumerated(), extent.sizes.all).allSatisfy { row, size in
        abs(row.element[3] + row.element[row.offset] * Double(size - 1) / 2) < 1e-3
      }
  }

  private static func text(_ place: PerAxis<Double>) -> String {
    "(" + place.all.map { "\(Float($0))" }.joined(separator: ", ") + ")"
  }

  private static func text(_ affine: Affine) -> String {
    let columns = (0..<3).map { column in
      "(" + affine.rows.map { "\(Float($0[column]))" }.joined(separator: ", ") + ")"
    }
    return columns.joined(separator: " ")
  }
}
