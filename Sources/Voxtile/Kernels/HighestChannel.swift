extension Volume {
  /// The number of values in the volume that round to a number outside of a range.
  ///
  /// - Complexity: O(values).
  package func countOutside(_ range: ClosedRange<Double>) -> Int {
    Voxtile.countOutside(range.lowerBound, range.upperBound, voxels.span)
  }

  /// For each voxel, the channel with the largest value, the lowest such channel in a tie. NaN never wins, unless all channels
  /// are NaN, which gives channel 0.
  ///
  /// - Returns: one channel of labels, as 16-bit numbers.
  /// - Precondition: there are at most 65,536 channels.
  /// - Complexity: O(values).
  package func highestChannels() -> Volume<UInt16> {
    precondition(channels <= 1 << 16, "labels of 16 bits name 65,536 channels, not \(channels)")
    var labels = [UInt16](repeating: 0, count: extent.voxelCount)
    var highest = Array(voxels[..<extent.voxelCount])
    for channel in 1..<max(1, channels) {
      labels.withUnsafeMutableBufferPointer { labels in
        highest.withUnsafeMutableBufferPointer { highest in
          var labels = labels.mutableSpan
          var highest = highest.mutableSpan
          let start = channel * extent.voxelCount
          takeHigher(
            voxels.span.extracting(start..<start + extent.voxelCount), label: UInt16(channel),
            highest: &highest, labels: &labels)
        }
      }
    }
    return Volume<UInt16>(checked: extent, channels: 1, voxels: labels, metadata: metadata)
  }
}

/// Takes the values that are higher than those before them, and their label.
@specialized(where Scalar == UInt8)
@specialized(where Scalar == Int8)
@specialized(where Scalar == UInt16)
@specialized(where Scalar == Int16)
@specialized(where Scalar == UInt32)
@specialized(where Scalar == Int32)
@specialized(where Scalar == UInt64)
@specialized(where Scalar == Int64)
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
@inline(never)
private func takeHigher<Scalar: VoxelScalar>(
  _ values: Span<Scalar>, label: UInt16, highest: inout MutableSpan<Scalar>,
  labels: inout MutableSpan<UInt16>
) {
  for index in 0..<values.count {
    let value = values[index]
    // NaN never wins; any other value beats NaN.
    if value > highest[index] || (highest[index] != highest[index] && value == value) {
      highest[index] = value
      labels[index] = label
    }
  }
}

@specialized(where Scalar == UInt8)
@specialized(where Scalar == Int8)
@specialized(where Scalar == UInt16)
@specialized(where Scalar == Int16)
@specialized(where Scalar == UInt32)
@specialized(where Scalar == Int32)
@specialized(where Scalar == UInt64)
@specialized(where Scalar == Int64)
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
@inline(never)
private func countOutside<Scalar: VoxelScalar>(
  _ lowest: Double, _ highest: Double, _ values: Span<Scalar>
) -> Int {
  var count = 0
  for index in 0..<values.count {
    let number = values[index].double.rounded(.toNearestOrEven)
    if number < lowest || number > highest { count += 1 }
  }
  return count
}
