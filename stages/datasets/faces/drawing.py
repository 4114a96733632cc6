"""A picture of a face: its parts painted one over the other, from the back to the front."""

from PIL import Image, ImageFilter

from stages.datasets.faces import beard, dress, features, hair, headwear, mouth, skin
from stages.datasets.faces.background import background
from stages.datasets.faces.description import Face
from stages.datasets.faces.geometry import Head


def draw(face: Face) -> Image.Image:
    """Return the picture of a face, RGB, 178 wide and 218 high."""
    head = Head(face)
    picture = background(face)
    hair.paint_back_hair(picture, face, head)
    skin.paint_neck(picture, face, head)
    dress.paint_clothes(picture, face, head)
    if face.style not in hair.HANGING or face.behind_ears:
        skin.paint_ears(picture, face, head)
    skin.paint_face(picture, face, head)
    if face.makeup:
        features.paint_makeup(picture, face, head)
    features.paint_lines(picture, face, head)
    beard.paint_beard(picture, face, head)
    mouth.paint_mouth(picture, face, head)
    features.paint_eyes(picture, face, head)
    features.paint_lashes_and_brows(picture, face, head)
    hair.paint_front_hair(picture, face, head)
    dress.paint_jewellery(picture, face, head)
    headwear.paint_glasses(picture, face, head)
    headwear.paint_hat(picture, face, head)
    return picture.filter(ImageFilter.BoxBlur(2.2)) if face.blurred else picture
