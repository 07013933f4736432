/// What turns the numbers of a network into probabilities.
///
/// It is applied to merged values, as MONAI and nnU-Net do: networks are averaged before the activation.
@nonexhaustive
public enum Activation: String, CaseIterable, Hashable, Sendable {
  /// ``softmax`` for several channels, ``sigmoid`` for one.
  case automatic = "auto"
  /// Channels exclude each other: probabilities add up to 1 over the channels.
  case softmax
  /// Each channel for itself.
  case sigmoid
  /// The network gives probabilities already.
  case none

  /// The activation for a number of channels.
  func resolved(channels: Int) -> Activation {
    self == .automatic ? (channels == 1 ? .sigmoid : .softmax) : self
  }
}
