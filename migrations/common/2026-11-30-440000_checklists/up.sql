-- The checklists of laws that a product adopted. Their items are gates of the product.
CREATE TABLE product_checklists (
    product_id UUID NOT NULL REFERENCES products (id),
    law TEXT NOT NULL,
    adopted_by UUID,
    adopted_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (product_id, law)
);
