import Voxtile
import VoxtileFormats

/// Finds patch files that say they lie where another patch of the grid does, as after a mix-up of names.
///
/// A tool may leave out or change the place of its outputs; that is not a mix-up. A file counts as misplaced only where it
/// has exactly the place of another patch and the axes of the scan.
struct MisplacedPatches {
  /// A place in hundredths of a millimeter, far below a voxel and far above what single precision rounds off.
  private struct Place: Hashable {
    let coordinates: [Int]

    init?(_ affine: Affine) {
      let world = affine.rows.map { ($0[3] * 100).rounded() }
      guard world.allSatisfy({ $0.magnitude < 0x1p53 }) else { return nil }
      coordinates = world.map { Int($0) }
    }
  }

  private let source: VolumeMetadata
  private var patches: [Place: Int] = [:]

  init(_ manifest: Manifest) {
    source = manifest.source.metadata
    for patch in manifest.grid {
      if let place = Place(source.affine.moved(to: patch.region.origin)) { patches[place] = patch.index }
    }
  }

  /// The number of another patch in whose place a file says it lies, or `nil`.
  func patch(inPlaceOf patch: Patch, file: VolumeMetadata) -> Int? {
    let axes = zip(file.affine.rows, source.affine.rows).allSatisfy { found, expected in
      zip(found.prefix(3), expected.prefix(3)).allSatisfy { abs($0 - $1) <= 1e-4 * max(1, abs($1)) }
    }
    guard axes, let place = Place(file.affine), let other = patches[place], other != patch.index
    else { return nil }
    return other
  }
}
