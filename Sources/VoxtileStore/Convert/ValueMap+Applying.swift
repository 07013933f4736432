import Voxtile

extension ValueMap {
  /// The bytes that mapping takes for each value, beside those of the value itself: real values, twice for a moment.
  static let workingBytes = 2 * MemoryLayout<Double>.stride

  /// The values of a file, made from those that an image stores.
  ///
  /// - Parameters:
  ///   - volume: a box of the image.
  ///   - sourceScaling: how its values become real ones.
  ///   - findings: counts what the scalar type cannot hold.
  /// - Complexity: O(values times steps).
  func stored(
    _ volume: any AnyVolume, sourceScaling: VolumeInfo.Scaling?, counting findings: ValueFindings? = nil
  ) -> any AnyVolume {
    func store<Source: VoxelScalar, Target: VoxelScalar>(
      _ volume: Volume<Source>, as type: Target.Type
    ) -> any AnyVolume {
      Volume<Target>(converting: volume)
    }
    func convert(_ volume: some AnyVolume) -> any AnyVolume {
      if !movesValues, scaling == nil, sourceScaling == nil, volume.scalarType.isInteger {
        // `Double` does not hold all whole numbers of 64 bits.
        findings?.add(lostValues(of: volume.typed))
        return store(volume.typed, as: scalarType.type)
      }
      let mapped = mapped(
        Volume<Double>(
          converting: volume.typed, slope: sourceScaling?.slope ?? 1,
          intercept: sourceScaling?.intercept ?? 0))
      if let findings { findings.add(lostValues(of: mapped)) }
      return store(mapped, as: scalarType.type)
    }
    return convert(volume)
  }

  /// How many real values the scalar type cannot hold.
  private func lostValues(of mapped: Volume<some VoxelScalar>) -> (saturated: Int, nan: Int) {
    switch scalarType {
    case .float64: (0, 0)
    case .float32:
      // What rounds to infinity.
      (mapped.voxels.reduce(0) { $0 + ($1.double.isFinite && !Float($1.double).isFinite ? 1 : 0) }, 0)
    default: (mapped.countOutside(scalarType.range), mapped.countNaN(in: Region(mapped.extent)))
    }
  }

  /// Real values after all steps, as they are going to be rounded.
  private func mapped(_ volume: consuming Volume<Double>) -> Volume<Double> {
    let count = volume.extent.voxelCount
    for channel in 0..<volume.channels {
      let steps = steps[steps.count == 1 ? 0 : channel]
      for index in channel * count..<(channel + 1) * count {
        let value = volume.voxels[index]
        if keepsZero, value == 0 { continue }
        volume.voxels[index] = steps.reduce(value) { value, step in step.applied(to: value) }
      }
    }
    if let scaling {
      for index in volume.voxels.indices {
        volume.voxels[index] = (volume.voxels[index] - scaling.intercept) / scaling.slope
      }
    }
    return volume
  }
}
