import Voxtile

/// A voxel of each label to look at: the one that is nearest to the middle of the label.
enum LabelPlaces {
  /// Finds a voxel of each label.
  ///
  /// - Parameters:
  ///   - tallies: what was counted of each label.
  ///   - picture: a picture of the label map. A label that is not in it gets the middle of its longest run along x.
  ///   - spacing: the size of a voxel of the image.
  /// - Returns: the coordinates in the image, by label. The background, 0, has none.
  /// - Complexity: O(voxels of the picture).
  static func places(
    of tallies: [Double: LabelCount.Tally], in picture: PictureBuilder, spacing: PerAxis<Double>
  ) -> [Double: [Int]] {
    var places = tallies.mapValues(\.place)
    places[0] = nil
    var nearest: [Double: Double] = [:]
    let labels = picture.labels
    var index = 0
    // Values come in runs, so what is known of a label is looked up when it changes.
    var label = 0.0
    var middle: PerAxis<Double>?
    var best = 0.0
    func far(_ axis: Axis, _ voxel: Int, _ middle: PerAxis<Double>) -> Double {
      let steps = (Double(voxel) - middle[axis]) * (spacing[axis] == 0 ? 1 : spacing[axis])
      return steps * steps
    }
    for z in 0..<picture.extent.depth {
      for y in 0..<picture.extent.height {
        for x in 0..<picture.extent.width {
          let value = labels[index]
          index += 1
          if value != label {
            label = value
            middle = value == 0 ? nil : tallies[value]?.middle
            best = nearest[value] ?? .infinity
          }
          guard let middle else { continue }
          let voxel = picture.imageVoxel(x, y, z)
          let distance = far(.x, voxel[0], middle) + far(.y, voxel[1], middle) + far(.z, voxel[2], middle)
          guard distance < best else { continue }
          best = distance
          nearest[value] = distance
          places[value] = voxel
        }
      }
    }
    return places
  }
}
