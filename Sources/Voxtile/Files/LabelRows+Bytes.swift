extension LabelRows {
  /// Adds the next rows, given as bytes of values in the machine's byte order.
  ///
  /// - Throws: `VoxtileError.Code.typeMismatch` where a value is no whole number.
  mutating func append(rowsOf bytes: UnsafeRawBufferPointer, as scalarType: ScalarType) throws(VoxtileError) {
    func add<Scalar: VoxelScalar>(_ type: Scalar.Type) throws(VoxtileError) {
      let values = bytes.bindMemory(to: type).span
      var runs: [LabelRun] = []
      for start in stride(from: 0, to: values.count, by: extent.width) {
        runs.removeAll(keepingCapacity: true)
        try LabelRun.append(
          ofRow: values.extracting(start..<start + extent.width), includesZero: false, to: &runs)
        append(runs)
      }
    }
    try add(scalarType.type)
  }

  /// Writes the labels of a box, in the machine's byte order.
  package func copy(_ region: Region, to bytes: UnsafeMutableRawBufferPointer, as scalarType: ScalarType) {
    func copy<Scalar: VoxelScalar>(_ type: Scalar.Type) {
      let voxels = bytes.bindMemory(to: type)
      voxels.update(repeating: 0)
      var start = 0
      for z in region.z {
        for y in region.y {
          for run in runs(y: y, z: z) {
            let value = Scalar(nearest: Double(run.value))
            for x in run.x.clamped(to: region.x) { voxels[start + x - region.x.lowerBound] = value }
          }
          start += region.extent.width
        }
      }
    }
    copy(scalarType.type)
  }
}
