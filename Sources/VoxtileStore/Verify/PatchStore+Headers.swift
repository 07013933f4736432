import Voxtile
import VoxtileFormats

extension PatchStore {
  /// A patch file as the patch lies in the image: axes that another tool has turned are turned back. Another tool may also have given it
  /// other values and channels.
  ///
  /// - Parameters:
  ///   - reader: the file.
  ///   - patch: the patch that it should hold.
  /// - Throws: `VoxtileError.Code.shapeMismatch` where its header says another size or position.
  package func checked(_ reader: any VolumeReader, as patch: Patch) throws(VoxtileError) -> any VolumeReader {
    let (path, file) = (path(of: patch), manifest.entries[patch.index].file)
    if let fault = misplacements(of: reader.info, as: patch, file: file).first {
      throw VoxtileError(.shapeMismatch, fault.message, context: .init(file: path, found: fault.message))
    }
    let placement = PatchPlacement(of: reader.info, as: patch, in: manifest, file: file)
    guard case .turned(let axes) = placement else { return reader }
    return TurnedReader(reader, axes: axes, metadata: manifest.expectedInfo(of: patch).metadata)
  }

  /// How the header of a file does not fit its patch.
  func faults(
    of found: VolumeInfo, as patch: Patch, file: String
  ) -> [(kind: Finding.Kind, message: String)] {
    holdsCutPatches
      ? mismatches(of: found, as: patch, keepsPlace: PatchPlacement.isKept(in: file))
      : misplacements(of: found, as: patch, file: file)
  }

  /// How the header of another tool's output does not fit its patch.
  private func misplacements(
    of found: VolumeInfo, as patch: Patch, file: String
  ) -> [(kind: Finding.Kind, message: String)] {
    let placement = PatchPlacement(of: found, as: patch, in: manifest, file: file)
    var extent = found.extent
    if case .turned(let axes) = placement { extent = axes.boxExtent(of: extent) }
    guard extent == patch.region.extent else {
      return [(.wrongShape, "is \(extent), should be \(patch.region.extent)")]
    }
    if case .elsewhere(let words) = placement { return [(.misplaced, words)] }
    return []
  }

  /// How the header of a file differs from that of the patch that was cut.
  private func mismatches(
    of found: VolumeInfo, as patch: Patch, keepsPlace: Bool
  ) -> [(kind: Finding.Kind, message: String)] {
    let expected = manifest.expectedInfo(of: patch)
    var mismatches: [(kind: Finding.Kind, message: String)] = []
    if found.extent != expected.extent || found.channels != expected.channels {
      mismatches.append(
        (
          .wrongShape,
          "is \(found.channels) x \(found.extent), should be \(expected.channels) x \(expected.extent)"
        ))
    }
    if found.scalarType != expected.scalarType {
      mismatches.append(
        (
          .wrongType,
          "holds \(found.scalarType.rawValue), should hold \(expected.scalarType.rawValue)"
        ))
    }
    let numbers = zip(found.metadata.affine.rows.joined(), expected.metadata.affine.rows.joined())
    // Where neither the image nor the file has a place, axes are made up.
    let hasPlace = found.metadata.place == .world || expected.metadata.place == .world
    // NIfTI-1 keeps single precision: 24 bits.
    if keepsPlace, hasPlace, !numbers.allSatisfy({ abs($0 - $1) <= 1e-4 + 1e-6 * abs($1) }) {
      mismatches.append((.misplaced, PatchPlacement.words(found.metadata.affine, as: patch, in: manifest)))
    }
    return mismatches
  }
}
