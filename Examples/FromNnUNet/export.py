"""Writes a trained nnU-Net so that `voxtile infer --nnunet` predicts with it.

    python export.py RESULTS/Dataset004_X/nnUNetTrainer__nnUNetPlans__3d_fullres exported 0 1 2 3 4

Needs nnunetv2 and onnx. RESULTS/... is the folder of one configuration in 2D or 3D, with plans.json, dataset.json and fold_0 to
fold_4. Without folds, all that are there are exported; `all` is one, too. The folder gets

    fold_N.onnx           the network of each fold, checked against PyTorch where onnxruntime is installed
    plans.json            as they are
    dataset.json
    voxtile-nnunet.json   what only the checkpoint knows: configuration, mirroring axes, heads and their labels

Cascades are refused, since their second network takes the labels of the first one. How images and logits are resampled stands in
plans.json; what is not known there is refused by `voxtile infer`, by its name.
"""

import argparse
import json
import pathlib
import shutil
import warnings

import numpy
import torch
from nnunetv2.inference.predict_from_raw_data import nnUNetPredictor


def load(results, folds, checkpoint):
    """The predictor of nnU-Net, with the weights of each fold."""
    predictor = nnUNetPredictor(
        device=torch.device("cpu"), perform_everything_on_device=False, allow_tqdm=False)
    predictor.initialize_from_trained_model_folder(str(results), tuple(folds), checkpoint)
    stage = predictor.configuration_manager.previous_stage_name
    if stage is not None:
        raise SystemExit(f"{results} is a cascade after {stage}; export {stage} or 3d_fullres alone")
    return predictor


def channel_count(dataset):
    """The channels of a scan; version 1 of the format called them modalities."""
    return len(dataset.get("channel_names", dataset.get("modality")))


def write_network(network, patch, channels, path):
    """Writes one network: any batch, patches of one size."""
    example = torch.randn(1, channels, *patch)
    batch = {0: "n"}
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            network, (example,), str(path), input_names=["image"], output_names=["logits"],
            dynamic_axes={"image": batch, "logits": batch}, opset_version=17, dynamo=False)


def check(network, patch, channels, path):
    """Compares the file with PyTorch."""
    try:
        import onnxruntime
    except ImportError:
        print(f"{path}: not compared, since onnxruntime is not installed")
        return
    image = torch.randn(2, channels, *patch)
    with torch.no_grad():
        expected = network(image).numpy()
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    found = session.run(None, {"image": image.numpy()})[0]
    difference = float(numpy.abs(found - expected).max())
    size = float(numpy.abs(expected).max())
    print(f"{path}: differs from PyTorch by at most {difference:.2g}, of values up to {size:.3g}")
    if difference > 1e-3 * max(1.0, size):
        raise SystemExit(f"{path} is not the network that PyTorch has")


def description(predictor, names):
    """What only the checkpoint and the code of nnU-Net know."""
    labels = predictor.label_manager
    heads = labels.foreground_regions if labels.has_regions else labels.all_labels
    plans = predictor.plans_manager
    configuration = next(
        name for name in plans.plans["configurations"]
        if plans.get_configuration(name).configuration == predictor.configuration_manager.configuration)
    return {
        "format": "voxtile-nnunet-1",
        "trainer": predictor.trainer_name,
        "configuration": configuration,
        "mirroring_axes": list(predictor.allowed_mirroring_axes or []),
        "models": names,
        "heads": labels.num_segmentation_heads,
        "head_labels": [[int(v) for v in (h if isinstance(h, (tuple, list)) else [h])] for h in heads],
        "regions": bool(labels.has_regions),
        "regions_class_order": labels.regions_class_order if labels.has_regions else None,
    }


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("results", type=pathlib.Path)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("folds", nargs="*")
    parser.add_argument("--checkpoint", default="checkpoint_final.pth")
    options = parser.parse_args()
    folds = options.folds or sorted(
        path.parent.name.removeprefix("fold_") for path in options.results.glob(f"fold_*/{options.checkpoint}"))
    if not folds:
        raise SystemExit(f"{options.results} has no fold with {options.checkpoint}")
    folds = [fold if fold == "all" else int(fold) for fold in folds]
    predictor = load(options.results, folds, options.checkpoint)
    options.folder.mkdir(parents=True, exist_ok=True)
    network, patch = predictor.network.eval(), predictor.configuration_manager.patch_size
    channels = channel_count(predictor.dataset_json)
    names = []
    for fold, weights in zip(folds, predictor.list_of_parameters):
        network.load_state_dict(weights)
        names.append(f"fold_{fold}.onnx")
        write_network(network, patch, channels, options.folder / names[-1])
        check(network, patch, channels, options.folder / names[-1])
    for name in ("plans.json", "dataset.json"):
        shutil.copy(options.results / name, options.folder / name)
    text = json.dumps(description(predictor, names), indent=1)
    (options.folder / "voxtile-nnunet.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
