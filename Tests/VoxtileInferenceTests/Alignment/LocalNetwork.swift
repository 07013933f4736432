@testable import VoxtileInference

extension StandIn {
  /// A network like a convolution and a pooling along the last axis of its tensors: each value is the largest of its block of `stride` sums
  /// of `radius` values on both sides. Other axes are left alone.
  static func localNetwork(stride: Int, radius: Int, size: [Int?] = [nil, nil, nil]) -> ClosureModel {
    let shape = TensorShape(name: "image", spatial: size)
    return model(input: shape, output: shape) { patch in
      let (length, inputs) = (patch.spatial[2], patch.values)
      var values = inputs
      var sums = [Float](repeating: 0, count: length)
      for start in Swift.stride(from: 0, to: values.count, by: length) {
        for place in 0..<length {
          var sum: Float = 0
          for near in max(0, place - radius)...min(length - 1, place + radius) { sum += inputs[start + near] }
          sums[place] = sum
        }
        for place in 0..<length {
          let block = place / stride * stride
          var largest = sums[block]
          for near in block..<min(length, block + stride) { largest = max(largest, sums[near]) }
          values[start + place] = largest
        }
      }
      return NetworkPatch(channels: patch.channels, spatial: patch.spatial, values: values)
    }
  }
}
